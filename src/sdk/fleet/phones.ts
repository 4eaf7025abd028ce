/** What phones get when one state of the store becomes another. */
import { deviceKey } from '../../domain/device.ts';
import { type PlanDevice, planChange } from '../../domain/plan.ts';
import type { Stack } from '../../domain/stack.ts';
import { type ConfigurationSource, type Resolved, resolveFor } from '../configuration/configuration.ts';
import type { LayerProvider } from '../configuration/layers.ts';
import { readingSource } from '../configuration/source.ts';
import type { OperationContext } from '../context.ts';
import { isPhonectlError } from '../errors.ts';
import { changesFor } from '../explain/changes.ts';
import type { PositionRecord } from '../ports/profiles.ts';
import type { DeviceStamp, ServedDevice } from '../ports/serving.ts';
import { ProfileLayers } from '../profiles/layers.ts';
import { ownOrigins } from '../profiles/own.ts';
import { closedProfile } from '../profiles/parameters.ts';
import {
  labelOf,
  type PlanGroupView,
  type PlanView,
  strongestCause,
  summarisePlan,
  viewPlan,
} from '../profiles/plan.ts';
import { siteChains, surroundings, toPosition } from '../profiles/positions.ts';
import { Workspace } from '../profiles/workspace.ts';

export interface PhoneChanges {
  /** Phones that are there before and after, and what they get. */
  readonly plan: PlanView;
  /** MAC or serial number of each phone that gets something else. */
  readonly affected: readonly string[];
  readonly added: number;
  readonly removed: number;
}

/** A side of the comparison. */
interface Side {
  readonly context: OperationContext;
  readonly source: ConfigurationSource;
}

/** What may have changed beside profiles and assignments, without showing in a device's version. */
export interface Touched {
  /** Ids of devices, or all of them. */
  readonly devices: 'all' | readonly number[];
  /** Whether what profiles refer to may have another address: then their texts alone do not tell. */
  readonly addresses: boolean;
}

/** Every phone whose layers differ is resolved on both sides: right for every write. */
const ANYTHING: Touched = { devices: [], addresses: true };

export async function comparePhones(
  before: OperationContext,
  after: OperationContext,
  touched: Touched = ANYTHING,
): Promise<PhoneChanges> {
  const old: Side = { context: before, source: await readingSource(before) };
  const now: Side = { context: after, source: await readingSource(after) };
  for (const layer of [...old.source.layers, ...now.source.layers]) await layer.refresh?.();
  const found = await sortOut(old, now, touched);
  const plans = [await planByStack(before, after, found.inStack), await planOneByOne(old, now, found.changed)];
  const groups = plans.flatMap((plan) => plan.groups);
  const keys = new Map([...found.inStack, ...found.changed].map((record) => [record.id, deviceKey(record)]));
  return {
    plan: summarisePlan(
      groups,
      plans.flatMap(({ unchanged }) => unchanged),
    ),
    affected: groups.flatMap(({ devices }) => devices.map(({ id }) => keys.get(id)!)).toSorted(),
    added: found.added,
    removed: found.removed,
  };
}

interface Found {
  /** Devices for which at most profiles and assignments have changed. */
  readonly inStack: readonly PositionRecord[];
  /** Devices of which something else has changed too. */
  readonly changed: readonly PositionRecord[];
  readonly added: number;
  readonly removed: number;
}

/** Which devices have to be looked at one by one, and how many there are before and after. */
interface Suspects {
  readonly ids: readonly number[] | 'all';
  readonly before: number;
  readonly after: number;
}

/**
 * Where profiles and everything else that many devices share is as it was, only a device whose own rows have changed, or one
 * of the sites above it, can get anything else. `serve` relies on the same when it keeps what it has rendered.
 */
async function suspectsOf(old: Side, now: Side, { devices }: Touched): Promise<Suspects> {
  const { scope } = old.context;
  const sites = scope === 'all' ? undefined : new Set(scope);
  const within = ({ siteId }: DeviceStamp): boolean => sites?.has(siteId) !== false;
  const shared =
    old.source.base.revision === now.source.base.revision &&
    old.context.read.profiles.sharedVersion() === now.context.read.profiles.sharedVersion();
  const [placesBefore, placesAfter] = [await placesOf(old), await placesOf(now)];
  const before = new Map<number, string>();
  const ids = new Set<number>(devices === 'all' ? [] : devices);
  for (const device of old.source.reader.stamps()) {
    if (!within(device)) continue;
    before.set(device.id, device.stamp);
    if (device.own === 1) ids.add(device.id);
  }
  let after = 0;
  for (const device of now.source.reader.stamps()) {
    if (!within(device)) continue;
    after += 1;
    const { id, siteId, stamp, own } = device;
    const same = before.get(id) === stamp && placesBefore.get(siteId) === placesAfter.get(siteId);
    if (own === 1 || !same) ids.add(id);
  }
  return { ids: devices !== 'all' && shared ? [...ids] : 'all', before: before.size, after };
}

/** All that sites give to the devices below them, as a text, by site. */
async function placesOf({ context }: Side): Promise<ReadonlyMap<number, string>> {
  const places = await context.read.profiles.sitePlaces();
  const byId = new Map(places.map((place) => [place.id, place]));
  const texts = [...siteChains(places)].map(
    ([id, chain]) => [id, JSON.stringify(chain.map((above) => byId.get(above)))] as const,
  );
  return new Map(texts);
}

async function sortOut(old: Side, now: Side, touched: Touched): Promise<Found> {
  const known = touched.devices === 'all' ? undefined : new Set(touched.devices);
  const suspects = await suspectsOf(old, now, touched);
  const ids = suspects.ids === 'all' ? undefined : suspects.ids;
  const inStack: PositionRecord[] = [];
  const changed: PositionRecord[] = [];
  const chainsBefore = siteChains(await old.context.read.profiles.sitePlaces());
  const chainsAfter = siteChains(await now.context.read.profiles.sitePlaces());
  // A site that got another parent brings its devices under other profiles.
  const moved = (siteId: number): boolean => String(chainsBefore.get(siteId)) !== String(chainsAfter.get(siteId));
  let added = 0;
  for (const record of now.context.read.profiles.positions(old.context.scope, ids)) {
    old.context.signal.throwIfAborted();
    const stored = await now.source.reader.deviceById(record.id);
    const was = await old.source.reader.deviceById(record.id);
    if (stored === undefined) continue;
    if (was === undefined) added += 1;
    else if (known?.has(record.id) !== false || !isSame(old.source, was, now.source, stored) || moved(record.siteId))
      changed.push(record);
    else if (stackRevision(old.source, was) !== stackRevision(now.source, stored)) {
      (touched.addresses ? changed : inStack).push(record);
    }
  }
  return { inStack, changed, added, removed: suspects.before - (suspects.after - added) };
}

/** Nothing has changed but, at most, what layers keep for many devices. */
function isSame(old: ConfigurationSource, was: ServedDevice, now: ConfigurationSource, stored: ServedDevice): boolean {
  return (
    old.base.revision === now.base.revision &&
    was.version === stored.version &&
    was.siteId === stored.siteId &&
    was.siteVersion === stored.siteVersion &&
    ownRevision(old, was) === ownRevision(now, stored)
  );
}

function stackRevision({ layers }: ConfigurationSource, device: ServedDevice): string {
  return revisionOf(layers.filter(isStack), device);
}

/** Of what a device has beside profiles and without a version of its own: its MAC file. */
function ownRevision({ layers }: ConfigurationSource, device: ServedDevice): string {
  return revisionOf(
    layers.filter((layer) => !isStack(layer)),
    device,
  );
}

function isStack(layer: LayerProvider): boolean {
  return layer instanceof ProfileLayers;
}

function revisionOf(layers: readonly LayerProvider[], device: ServedDevice): string {
  return JSON.stringify(layers.map((layer) => layer.revision?.(device) ?? ''));
}

/** Devices that the stack treats alike are planned as one. */
async function planByStack(
  before: OperationContext,
  after: OperationContext,
  records: readonly PositionRecord[],
): Promise<PlanView> {
  if (records.length === 0) return summarisePlan([], []);
  const [old, now] = [await stackOf(before), await stackOf(after)];
  const names = new Set([old, now].flatMap(({ profiles }) => [...profiles.values()]).flatMap(parameterNames));
  const own = await ownOrigins(before, names);
  const shared = await surroundings(after.read.profiles);
  const devices = records.flatMap((record): PlanDevice[] => {
    const position = toPosition(record, shared);
    if (position === undefined) return [];
    return [{ ...position, label: labelOf(record), siteName: record.siteName, own: own.of(record) }];
  });
  return viewPlan(planChange(old, now, devices, { causes: own.causes }));
}

async function stackOf({ read }: OperationContext): Promise<Stack> {
  return (await Workspace.load(read.profiles)).stacks(closedProfile).before;
}

function parameterNames({ parameters }: { readonly parameters: readonly { readonly name: string }[] }): string[] {
  return parameters.map(({ name }) => name);
}

async function planOneByOne(old: Side, now: Side, records: readonly PositionRecord[]): Promise<PlanView> {
  const groups = new Map<string, PlanGroupView & { devices: { id: number; device: string; site: string }[] }>();
  for (const record of records) {
    old.context.signal.throwIfAborted();
    const was = await old.source.reader.deviceById(record.id);
    const stored = await now.source.reader.deviceById(record.id);
    if (was === undefined || stored === undefined) continue;
    const changes = await changesFor(
      { context: old.context, stored: was, resolved: await resolvedOrNone(old, was) },
      { context: now.context, stored, resolved: await resolvedOrNone(now, stored) },
    );
    if (changes.length === 0) continue;
    const key = JSON.stringify(changes);
    const group = groups.get(key) ?? { devices: [], changes, shadowed: [], causes: strongestCause(changes) };
    group.devices.push({ id: record.id, device: labelOf(record), site: record.siteName });
    groups.set(key, group);
  }
  return summarisePlan([...groups.values()], []);
}

/** A phone whose vendor nobody knows yet is given nothing. */
async function resolvedOrNone({ source }: Side, stored: ServedDevice): Promise<Resolved | undefined> {
  try {
    return await resolveFor(source, stored);
  } catch (error) {
    if (isPhonectlError(error) && error.code === 'conflict') return undefined;
    throw error;
  }
}
