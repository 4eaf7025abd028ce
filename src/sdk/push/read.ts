/** `config status` and `config drift`: where phones stand in the closed loop. */
import { type DeviceSelector, isEmptySelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import { phoneTransport } from '../control/transport.ts';
import { inPieces } from '../control/window.ts';
import { resolveDevices } from '../devices/references.ts';
import type { Difference, RunningBasis, RunningRecord } from '../ports/running.ts';
import { type Inspection, Inspector, type LoopState } from './inspect.ts';

export interface ConfigStatus {
  /** MAC, else serial number, else id. */
  readonly device: string;
  readonly name: string;
  readonly site: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly state: LoopState;
  /** Digests of the effective parameters; equal ones mean equal configurations. */
  readonly desired: string | null;
  readonly served: string | null;
  /** ISO 8601. */
  readonly servedAt: string | null;
  /** When and by what it was last compared with what it runs; `null` when it never was since it was served. */
  readonly comparedAt: string | null;
  readonly basis: RunningBasis | null;
  /** How many parameters were compared; 0 when that was not now. */
  readonly compared: number;
  readonly differences: readonly Difference[];
  /** What takes the differences away; a command to type. */
  readonly clear: string | null;
  readonly reason: string | null;
}

interface StatusInput {
  readonly selector: DeviceSelector;
}

export interface DriftInput extends StatusInput {
  readonly offline?: boolean | undefined;
  readonly concurrency?: number | undefined;
  readonly plainBasic?: boolean | undefined;
}

const BATCH = 200;
const CONCURRENCY = 50;

/** What is known without asking any phone: its newest comparison counts while it should still run the same. */
export async function* configurationStatus(
  context: OperationContext,
  { selector }: StatusInput,
): AsyncGenerator<ConfigStatus> {
  const inspector = new Inspector(context);
  const all = await selected(context, selector);
  for (let at = 0; at < all.length; at += BATCH) {
    const ids = all.slice(at, at + BATCH);
    const known = await context.read.running.of(ids);
    for (const id of ids) {
      context.signal.throwIfAborted();
      yield toStatus(withKnown(await inspector.inspect(id, context.signal), known.get(id)));
    }
  }
}

/** Asks the phones that can be asked, looks at what the others uploaded, and keeps what was found. */
export async function* configurationDrift(context: OperationContext, input: DriftInput): AsyncGenerator<ConfigStatus> {
  const transport = await phoneTransport(context, input);
  const inspector = new Inspector(context, input.offline === true ? undefined : transport);
  const ids = await selected(context, input.selector);
  const look = (id: number): Promise<Inspection> => inspector.inspect(id, context.signal);
  for await (const inspections of inPieces(ids, input.concurrency ?? CONCURRENCY, look, BATCH)) {
    context.signal.throwIfAborted();
    await inspector.record(inspections);
    yield* inspections.map(toStatus);
  }
}

/** Read to the end before anything is asked: the list must not stay open meanwhile. */
async function selected(context: OperationContext, selector: DeviceSelector): Promise<readonly number[]> {
  const ids: number[] = [];
  for await (const { id } of resolveDevices(context, isEmptySelector(selector) ? { all: true } : selector))
    ids.push(id);
  return ids;
}

function withKnown(inspection: Inspection, known: RunningRecord | undefined): Inspection {
  const { state, desired, servedAt, basis } = inspection;
  if (state !== 'served' || basis !== null || known === undefined) return inspection;
  if (known.basis !== 'phone' || known.desired !== desired || known.at < (servedAt ?? 0)) return inspection;
  const { differences, at } = known;
  const differs = differences.length > 0;
  return {
    ...inspection,
    state: differs ? 'differs' : 'running',
    basis: known.basis,
    comparedAt: at,
    differences,
    clear: differs ? `phonectl config drift ${inspection.device}` : null,
  };
}

function toStatus(inspection: Inspection): ConfigStatus {
  const { device, name, site, vendor, model, state, desired, served, servedAt } = inspection;
  const { comparedAt, basis, compared, differences, clear, reason } = inspection;
  return {
    device,
    name,
    site,
    vendor,
    model,
    state,
    desired,
    served,
    servedAt: iso(servedAt),
    comparedAt: iso(comparedAt),
    basis,
    compared,
    differences,
    clear,
    reason,
  };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
