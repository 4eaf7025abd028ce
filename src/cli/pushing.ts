/**
 * `--push` and the plan of `--dry-run`, on every command that changes what phones are given. Such a command declares
 * `pushFlags` and extends `PushingCommand`; it calls the SDK as if neither flag were there.
 */
import { boolean } from '@oclif/core/flags';
import type { FlagInput } from '@oclif/core/interfaces';
import type { Bytes } from '../sdk/bytes.ts';
import type { Phonectl } from '../sdk/index.ts';
import type { CallOptions } from '../sdk/operation.ts';
import type { PlanView } from '../sdk/profiles/plan.ts';
import { SHAPERS, type Shaping } from '../sdk/push/shaping.ts';
import { planLines } from './columns/plans.ts';
import { type ControlBatch, controlExit, controlFlags, resultLines } from './control.ts';
import { writeFlags } from './flags.ts';
import type { Style } from './style.ts';
import { count } from './text.ts';
import { type AnyView, textView } from './view.ts';

const HELP_GROUP = 'PUSH';

/** How the push goes: the flags of every task but those that make no sense here, and only together with --push. */
function ofPush<T extends FlagInput>(flags: T): T {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, { ...flag, dependsOn: ['push'], helpGroup: HELP_GROUP }]),
  ) as T;
}

const { name: _name, skip: _skip, repeat: _repeat, day: _day, missed: _missed, tz: _tz, ...taskFlags } = controlFlags;
// A default would count as given.
const { default: _default, ...wait } = taskFlags.wait;

/** Instead of `writeFlags`, on every command that changes what phones are given. */
export const pushFlags = {
  ...writeFlags,
  push: boolean({
    summary: 'Bring it to the phones that get something else by it, and see that they run it.',
    helpGroup: HELP_GROUP,
  }),
  ...ofPush({ ...taskFlags, wait }),
};

/** What a command says beside its own answer. */
export interface Pushed {
  /** With --dry-run: what phones would get, where the answer itself does not say it. */
  readonly plan?: PlanView;
  /** With --push: what became of the phones that get something else; null when there is none. */
  readonly push?: ControlBatch | null;
}

/** What a write through {@link throughPlans} was heard to change. */
export interface Heard {
  /** Whether it would only have happened. */
  readonly dryRun: boolean;
  /** Whether the answer of the operation has the plan in it already. */
  readonly told: boolean;
  readonly plan: PlanView;
}

export interface Listener {
  /** With --push: asked before the write, with what it would do; null where only doing it shows. */
  readonly before?: (plan: PlanView | null) => Promise<void>;
  readonly heard: (heard: Heard) => void;
}

type Input = Readonly<Record<string, unknown>> & { readonly dryRun?: boolean; readonly source?: Bytes };
type Method = (input: Input, options?: CallOptions) => Promise<unknown>;

/** The same face, whose writes say which phones get something else by them. */
export function throughPlans(phonectl: Phonectl, listener: Listener): Phonectl {
  return new Proxy(phonectl, {
    get(target, key) {
      const namespace: unknown = Reflect.get(target, key);
      const shapers = typeof key === 'string' && Object.hasOwn(SHAPERS, key) ? SHAPERS[key] : undefined;
      if (shapers === undefined) return namespace;
      return new Proxy(namespace as Record<string, Method>, {
        get(table, verb) {
          if (typeof verb !== 'string' || !Object.hasOwn(shapers.verbs, verb)) return Reflect.get(table, verb);
          const write = { operation: `${shapers.noun}.${verb}`, shaping: shapers.verbs[verb]!, method: table[verb]! };
          return (input: Input, options?: CallOptions) => written(phonectl, listener, write, input, options);
        },
      });
    },
  });
}

interface Write {
  readonly operation: string;
  readonly shaping: Shaping;
  readonly method: Method;
}

async function written(
  phonectl: Phonectl,
  { before, heard }: Listener,
  write: Write,
  given: Input,
  options?: CallOptions,
): Promise<unknown> {
  const dryRun = given.dryRun === true;
  let input = given;
  if (before !== undefined && !dryRun) {
    if (write.shaping === 'afterwards') await before(null);
    else {
      // Bytes are needed twice: to ask what would happen, and to do it.
      if (given.source !== undefined) input = { ...given, source: await rereadable(given.source) };
      await before((await call(phonectl, write, { ...input, dryRun: true }, {})).plan);
    }
  }
  const { result, plan } = await call(phonectl, write, input, options ?? {});
  if (plan !== null) heard({ dryRun, told: write.shaping === 'plans', plan });
  return result;
}

async function call(
  phonectl: Phonectl,
  { operation, shaping, method }: Write,
  input: Input,
  options: CallOptions,
): Promise<{ readonly result: unknown; readonly plan: PlanView | null }> {
  if (shaping === 'plans') {
    const result = (await method(input, options)) as { readonly plan: PlanView; readonly change?: string | null };
    // What was put into a change has not happened.
    return { result, plan: (result.change ?? null) === null ? result.plan : null };
  }
  const { source, dryRun = false, ...rest } = input;
  if (source === undefined) return await phonectl.pushes.write({ operation, input: rest, dryRun }, options);
  return await phonectl.pushes.writeBytes({ operation, input: rest, dryRun, source }, options);
}

/** More than this is no configuration. */
const LARGEST = 64 << 20;

async function rereadable(source: Bytes): Promise<Bytes> {
  const { readBytes } = await import('../sdk/bytes.ts');
  const bytes = await readBytes(source, LARGEST, 'The file');
  return {
    async *[Symbol.asyncIterator]() {
      yield bytes;
    },
  };
}

/** Devices of these plans, each once. */
export function devicesOf(plans: readonly PlanView[]): readonly number[] {
  return [...new Set(plans.flatMap(({ groups }) => groups.flatMap(({ devices }) => devices.map(({ id }) => id))))];
}

/** The answer with what was pushed or planned beside it. */
export function withPushed<T>(answer: T, pushed: Pushed): T & Pushed {
  return (Array.isArray(answer) ? { results: answer, ...pushed } : { ...answer, ...pushed }) as T & Pushed;
}

/** The view of {@link withPushed}: that of the answer, then the plan or the phones. */
export function pushedView(view: AnyView | undefined): AnyView | undefined {
  if (view?.kind === 'text') {
    const lines = view.lines as (value: unknown, style: Style) => readonly string[] | string;
    const exit = view.exit as ((value: unknown) => number) | undefined;
    return textView<Pushed & { readonly results?: unknown }>(
      (value, style) => [...[lines(answerOf(value), style)].flat(), ...pushedLines(value, style)],
      exit && ((value) => exit(answerOf(value))),
    );
  }
  if (view?.kind !== 'show') return view;
  const more = view.more as ((value: unknown, style: Style) => readonly string[]) | undefined;
  return {
    ...view,
    more: (value: Pushed, style: Style) => [...(more?.(value, style) ?? []), ...pushedLines(value, style)],
  };
}

/** An array was put beside what was pushed; everything else was put around it. */
function answerOf(value: Pushed & { readonly results?: unknown }): unknown {
  const others = Object.keys(value).filter((key) => key !== 'plan' && key !== 'push');
  return others.length === 1 && Array.isArray(value.results) ? value.results : value;
}

function pushedLines({ plan, push }: Pushed, style: Style): string[] {
  if (push === null) return ['No phone gets anything else by it.'];
  // The answer of a push may have its own plan, and has shown it.
  if (push !== undefined) return pushLines(push, style);
  return plan === undefined ? [] : planLines(plan, style);
}

/** The devices of a push, and what becomes of those that are away. */
export function pushLines(batch: ControlBatch, style: Style): string[] {
  const { pending } = batch.summary;
  // Nobody waited: who is away is not known.
  if (pending === 0 || batch.results.length === 0) return resultLines(batch, style);
  return [
    ...resultLines(batch, style).filter((line) => !line.startsWith('The rest: ')),
    `${count(pending, 'device')} away: the change waits until the next contact. phonectl config status`,
  ];
}

/** 3 when a phone failed, 8 when one is away or nobody waited. */
export function pushExit({ push }: Pushed): number {
  return push === undefined || push === null ? 0 : controlExit(push);
}
