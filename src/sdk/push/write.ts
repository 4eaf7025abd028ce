/**
 * A write together with what phones get by it. Operations on profiles say that themselves; of the others nobody knows
 * beforehand whom they reach, so the fleet before is compared with the fleet after, both with the code that serves
 * phones. A dry run happens on a copy of the store, of which nothing stays.
 */
import { type Bytes, readBytes } from '../bytes.ts';
import type { OperationContext } from '../context.ts';
import { callValue } from '../door.ts';
import { PhonectlError } from '../errors.ts';
import { comparePhones } from '../fleet/phones.ts';
import { copyOf } from '../fleet/rehearsal.ts';
import type { PlanView } from '../profiles/plan.ts';
import { shapingOf } from './shaping.ts';

/** What a dry run of an upload holds in memory: it is needed twice. */
const LARGEST = 64 << 20;

export interface PlannedWrite {
  /** Such as `account.edit`; one of those in `shaping.ts`. */
  readonly operation: string;
  /** Its own input, without `dryRun`. */
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  readonly dryRun?: boolean | undefined;
  /** The bytes of its input, where it takes some. */
  readonly source?: Bytes;
}

export interface WrittenWithPlan {
  /** What the operation itself answers. */
  readonly result: unknown;
  /** What phones get by it, or would get; null where only doing it would show. */
  readonly plan: PlanView | null;
}

/** Throws what the operation throws, and `invalid_input` for one that gives phones nothing else. */
export async function writeWithPlan(context: OperationContext, write: PlannedWrite): Promise<WrittenWithPlan> {
  const shaping = shapingOf(write.operation);
  if (shaping === undefined) {
    throw new PhonectlError('invalid_input', `${write.operation} does not change what phones are given.`, {
      hints: ['Call it by itself.'],
    });
  }
  const { operation, input, source, dryRun = false } = write;
  const given = { ...input, ...(source !== undefined && { source }), dryRun };
  if (shaping === 'plans') {
    const result = await context.call(operation, given);
    return { result, plan: (result as { readonly plan: PlanView }).plan };
  }
  if (dryRun) {
    if (shaping === 'afterwards') return { result: await context.call(operation, given), plan: null };
    return await rehearse(context, write);
  }
  await using before = await copyOf(context);
  const result = await context.call(operation, given);
  return { result, plan: (await comparePhones(before.context, context)).plan };
}

async function rehearse(
  context: OperationContext,
  { operation, input, source }: PlannedWrite,
): Promise<WrittenWithPlan> {
  const bytes = source === undefined ? undefined : await readBytes(source, LARGEST, 'The file of a dry run');
  const given = (dryRun: boolean): Readonly<Record<string, unknown>> => ({
    ...input,
    ...(bytes !== undefined && { source: once(bytes) }),
    dryRun,
  });
  const result = await context.call(operation, given(true));
  await using copy = await copyOf(context);
  await callValue(
    // Its home too: files that the write would replace must not lose their bytes to a dry run.
    { ...context, store: copy.context.store, home: copy.context.home },
    {
      name: operation,
      operation: (await context.operations?.())!.get(operation)!,
      input: given(false),
      caller: { actor: context.actor, scope: context.scope, permissions: context.permissions },
      options: { signal: context.signal },
    },
  );
  return { result, plan: (await comparePhones(context, copy.context)).plan };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
