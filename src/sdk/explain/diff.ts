/**
 * `config diff`: what the phones should have beside what they were given, what they run, or what an earlier revision
 * would give them. Phones with the same differences are one group.
 */
import type { DeviceSelector } from '../../domain/selector.ts';
import { type ConfigurationSource, type Resolved, resolveFor } from '../configuration/configuration.ts';
import { readingSource } from '../configuration/source.ts';
import type { OperationContext } from '../context.ts';
import { phoneTransport } from '../control/transport.ts';
import { resolveDevices } from '../devices/references.ts';
import { isPhonectlError } from '../errors.ts';
import { sourceAt } from '../history/past.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import type { ServedDevice } from '../ports/serving.ts';
import type { ChangeView } from '../profiles/plan.ts';
import { changesFor } from './changes.ts';

export interface DiffInput {
  readonly selector: DeviceSelector;
  /** What the phone says that it runs, what it was served last, or a revision of the configuration. */
  readonly against: 'running' | 'served' | number;
}

export interface DiffGroup {
  readonly devices: readonly { readonly id: number; readonly device: string }[];
  /** `before` is the other side, `after` what the phone should have. */
  readonly changes: readonly ChangeView[];
  /** Why these changes may not be all of them; null when they are. */
  readonly note: string | null;
}

export interface ConfigDiff {
  readonly against: string;
  readonly summary: {
    readonly devices: number;
    readonly same: number;
    readonly different: number;
    readonly unknown: number;
  };
  /** The largest first. */
  readonly groups: readonly DiffGroup[];
  /** Devices of which the other side is not known, with the reason. */
  readonly unknown: readonly { readonly device: string; readonly reason: string }[];
}

/** What one device differs in; `reason` when that cannot be said. */
type Outcome = { readonly changes: readonly ChangeView[]; readonly note: string | null } | { readonly reason: string };

export async function diffDevices(context: OperationContext, input: DiffInput): Promise<ConfigDiff> {
  const source = await readingSource(context);
  const compare = await comparisonWith(context, source, input.against);
  const devices: DeviceRecord[] = [];
  for await (const device of resolveDevices(context, input.selector)) devices.push(device);

  const groups = new Map<string, DiffGroup & { devices: { id: number; device: string }[] }>();
  const unknown: { device: string; reason: string }[] = [];
  let same = 0;
  for await (const [device, outcome] of compareAll(context, source, devices, compare)) {
    const label = device.name || (device.mac ?? device.serial ?? String(device.id));
    if ('reason' in outcome) unknown.push({ device: label, reason: outcome.reason });
    else if (outcome.changes.length === 0 && outcome.note === null) same += 1;
    else {
      const key = JSON.stringify(outcome);
      const group = groups.get(key) ?? { ...outcome, devices: [] };
      group.devices.push({ id: device.id, device: label });
      groups.set(key, group);
    }
  }
  return {
    against: typeof input.against === 'number' ? `revision ${input.against}` : input.against,
    summary: {
      devices: devices.length,
      same,
      different: devices.length - same - unknown.length,
      unknown: unknown.length,
    },
    groups: [...groups.values()].sort((a, b) => b.devices.length - a.devices.length),
    unknown,
  };
}

type Comparison = (device: DeviceRecord, stored: ServedDevice) => Promise<Outcome>;

/** Devices at once: phones are asked over the network. */
const AT_ONCE = 50;

async function* compareAll(
  context: OperationContext,
  source: ConfigurationSource,
  devices: readonly DeviceRecord[],
  compare: Comparison,
): AsyncGenerator<readonly [DeviceRecord, Outcome]> {
  for (let first = 0; first < devices.length; first += AT_ONCE) {
    context.signal.throwIfAborted();
    const batch = devices.slice(first, first + AT_ONCE);
    const outcomes = await Promise.all(batch.map((device) => compareDevice(source, device, compare)));
    for (const [index, device] of batch.entries()) yield [device, outcomes[index]!];
    context.progress({ devices: first + batch.length });
  }
}

async function comparisonWith(
  context: OperationContext,
  source: ConfigurationSource,
  against: DiffInput['against'],
): Promise<Comparison> {
  if (against === 'running') return await runningComparison(context);
  if (against === 'served') return servedComparison(context, source);
  return await revisionComparison(context, source, against);
}

async function compareDevice(
  { reader }: ConfigurationSource,
  device: DeviceRecord,
  compare: Comparison,
): Promise<Outcome> {
  const stored = await reader.deviceById(device.id);
  if (stored === undefined) return { reason: 'It has just been deleted.' };
  try {
    return await compare(device, stored);
  } catch (error) {
    // A phone whose vendor nobody knows yet has no configuration; the others are still compared.
    if (isPhonectlError(error) && error.code === 'conflict') return { reason: error.message };
    throw error;
  }
}

async function revisionComparison(
  context: OperationContext,
  source: ConfigurationSource,
  revision: number,
): Promise<Comparison> {
  const past = await sourceAt(context, source, revision);
  return async (_device, stored) => {
    const [before, after] = [await resolveFor(past, stored), await resolveFor(source, stored)];
    return { changes: await differences(context, stored, before, after), note: null };
  };
}

/**
 * Of what was served only a digest is kept. The revision of that moment gives the same digest again unless something
 * that has no history (accounts, the CSV profile, the site) has changed since; then that is said.
 */
function servedComparison(context: OperationContext, source: ConfigurationSource): Comparison {
  const pasts = new Map<number, Promise<ConfigurationSource>>();
  return async ({ facts }, stored) => {
    if (facts.servedDigest === null) return { reason: 'It has not fetched its configuration yet.' };
    const after = await resolveFor(source, stored);
    if (facts.servedDigest === after.digest) return { changes: [], note: null };
    const revisions = await context.read.profiles.revisions();
    const revision = revisions.find(({ at }) => at <= (facts.servedAt ?? 0))?.id ?? 0;
    const past = pasts.get(revision) ?? sourceAt(context, source, revision);
    pasts.set(revision, past);
    const before = await resolveFor(await past, stored);
    const exact = before.digest === facts.servedDigest;
    const note = exact
      ? null
      : `Served at revision ${revision}; accounts, CSV profile, site or groups have changed since and may differ too.`;
    return { changes: await differences(context, stored, before, after), note };
  };
}

/** Phones that can be asked are asked; of others what they uploaded of their own settings is looked at. */
async function runningComparison(context: OperationContext): Promise<Comparison> {
  const { Inspector } = await import('../push/inspect.ts');
  const inspector = new Inspector(context, await phoneTransport(context));
  return async ({ id }) => {
    const inspection = await inspector.inspect(id, context.signal);
    if (inspection.basis === null) return { reason: inspection.reason ?? 'It cannot be asked what it runs.' };
    const resolved = await inspector.desired(id);
    const changes = inspection.differences.map(({ param, desired, running, layer }): ChangeView => {
      const origin = resolved?.effective.get(param);
      return {
        param,
        kind: running === null ? 'added' : 'changed',
        before: running === null ? null : { value: running, layer: layer ?? 'phone', source: 'phone' },
        after: { value: desired, layer: origin?.layer ?? '', source: origin?.source ?? '' },
        causes: resolved?.driver.catalogue.find(param)?.causes ?? 'restart',
      };
    });
    return { changes, note: null };
  };
}

async function differences(
  context: OperationContext,
  stored: ServedDevice,
  before: Resolved,
  after: Resolved,
): Promise<readonly ChangeView[]> {
  return await changesFor({ context, stored, resolved: before }, { context, stored, resolved: after });
}
