/** What phones get when one state of the store becomes another: each phone resolved on both sides, equal ones grouped. */
import type { Cause } from '../../domain/plan.ts';
import type { ConfigurationSource } from '../configuration/configuration.ts';
import { readingSource } from '../configuration/source.ts';
import type { OperationContext } from '../context.ts';
import { isPhonectlError } from '../errors.ts';
import { changesBetween } from '../explain/changes.ts';
import { type ShownEffective, shownFor } from '../explain/view.ts';
import type { ServedDevice } from '../ports/serving.ts';
import { type ChangeView, labelOf, type PlanGroupView, type PlanView } from '../profiles/plan.ts';

export interface PhoneChanges {
  /** Phones that are there before and after, and what they get. */
  readonly plan: PlanView;
  readonly added: number;
  readonly removed: number;
}

export async function comparePhones(before: OperationContext, after: OperationContext): Promise<PhoneChanges> {
  const [old, now] = [await readingSource(before), await readingSource(after)];
  for (const layer of [...old.layers, ...now.layers]) await layer.refresh?.();
  const groups = new Map<string, PlanGroupView & { devices: { id: number; device: string; site: string }[] }>();
  let added = 0;
  let kept = 0;
  for (const record of after.read.profiles.positions('all')) {
    before.signal.throwIfAborted();
    const [stored, was] = [await now.reader.deviceById(record.id), await old.reader.deviceById(record.id)];
    if (stored === undefined) continue;
    if (was === undefined) {
      added += 1;
      continue;
    }
    kept += 1;
    if (isSame(old, was, now, stored)) continue;
    const changes = await differences(before, old, was, after, now, stored);
    if (changes.length === 0) continue;
    const key = JSON.stringify(changes);
    const group = groups.get(key) ?? { devices: [], changes, shadowed: [], causes: strongest(changes) };
    group.devices.push({ id: record.id, device: labelOf(record), site: record.siteName });
    groups.set(key, group);
  }
  let total = 0;
  for (const _ of before.read.profiles.positions('all')) total += 1;
  return { plan: summarise([...groups.values()]), added, removed: total - kept };
}

/** Nothing that a phone's configuration is made of has changed: it need not be resolved. */
function isSame(old: ConfigurationSource, was: ServedDevice, now: ConfigurationSource, stored: ServedDevice): boolean {
  const revisions = ({ layers, base }: ConfigurationSource, device: ServedDevice): string =>
    JSON.stringify([base.revision, ...layers.map((layer) => layer.revision?.(device) ?? '')]);
  return (
    was.version === stored.version &&
    was.siteId === stored.siteId &&
    was.siteVersion === stored.siteVersion &&
    revisions(old, was) === revisions(now, stored)
  );
}

async function differences(
  before: OperationContext,
  old: ConfigurationSource,
  was: ServedDevice,
  after: OperationContext,
  now: ConfigurationSource,
  stored: ServedDevice,
): Promise<readonly ChangeView[]> {
  const [a, b] = [await shownOrNone(before, old, was), await shownOrNone(after, now, stored)];
  const catalogue = (b ?? a)?.driver.catalogue;
  if (catalogue === undefined) return [];
  return changesBetween(a ?? NONE, b ?? NONE, catalogue);
}

const NONE = { effective: new Map(), shown: new Map() } as const;

/** A phone whose vendor nobody knows yet is given nothing. */
async function shownOrNone(
  context: OperationContext,
  source: ConfigurationSource,
  stored: ServedDevice,
): Promise<ShownEffective | undefined> {
  try {
    return await shownFor(context, source, stored);
  } catch (error) {
    if (isPhonectlError(error) && error.code === 'conflict') return undefined;
    throw error;
  }
}

function strongest(changes: readonly ChangeView[]): Cause {
  if (changes.some(({ causes }) => causes === 'reboot')) return 'reboot';
  return changes.some(({ causes }) => causes === 'restart') ? 'restart' : 'nothing';
}

function summarise(groups: readonly PlanGroupView[]): PlanView {
  const count = (wanted: readonly PlanGroupView[]): number =>
    wanted.reduce((sum, { devices }) => sum + devices.length, 0);
  return {
    devices: count(groups),
    sites: new Set(groups.flatMap(({ devices }) => devices.map(({ site }) => site))).size,
    restart: count(groups.filter(({ causes }) => causes === 'restart')),
    reboot: count(groups.filter(({ causes }) => causes === 'reboot')),
    groups: groups.toSorted((a, b) => b.devices.length - a.devices.length),
    unchanged: [],
  };
}
