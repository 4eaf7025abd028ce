/** From the devices of a selection to the targets of a run: which wave, which line, which time zone. */
import type { DeviceSelector } from '../../domain/selector.ts';
import { wavesOf } from '../../tasks/strategy.ts';
import type { DataScope } from '../context.ts';
import { resolveDevices } from '../devices/references.ts';
import type { FirmwareInput } from '../firmware/choice.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import type { Home } from '../ports/home.ts';
import type { Repositories } from '../ports/store.ts';
import type { NewTarget, NewTask, Strategy } from '../ports/tasks.ts';
import { ownTimeZone } from './schedule.ts';

export interface TargetContext {
  readonly read: Repositories;
  readonly scope: DataScope;
  readonly home: Home;
  readonly clock: Clock;
}

/** What a run needs to know of a device to place it. */
export type Placed = Pick<DeviceRecord, 'id' | 'mac' | 'serial' | 'name' | 'model' | 'siteId' | 'facts'>;

/** The devices of a selection as they are now, within the scope. */
export async function chosenDevices(context: TargetContext, selector: DeviceSelector): Promise<Placed[]> {
  const devices: Placed[] = [];
  for await (const { id, mac, serial, name, model, siteId, facts } of resolveDevices(context, selector)) {
    devices.push({ id, mac, serial, name, model, siteId, facts });
  }
  return devices;
}

/** One target per device, in the same order. */
export async function targetsFor(
  context: Pick<TargetContext, 'read'>,
  devices: readonly Placed[],
  strategy: Pick<Strategy, 'canary' | 'batch' | 'window' | 'ratePerSource'>,
  work?: Work,
): Promise<NewTarget[]> {
  const zones = strategy.window === undefined ? undefined : await siteZones(context);
  const idle = work === undefined ? NONE : await nothingToDo(context, devices, work);
  const waves = wavesOf(
    devices.map(({ id, model, siteId, facts }) => ({ model: model ?? facts.model, siteId, idle: idle.has(id) })),
    strategy,
  );
  return devices.map(({ id, siteId, facts }, index) => ({
    deviceId: id,
    wave: waves[index] ?? 1,
    source: facts.publicIp,
    zone: zones?.get(siteId) ?? null,
  }));
}

/** What is done, where that may be nothing for some of the devices. */
interface Work extends Pick<NewTask, 'type' | 'content'> {
  readonly home: Home;
}

const NONE: ReadonlySet<number> = new Set();

/** Devices for which it is known already that nothing will be done. */
async function nothingToDo(
  { read }: Pick<TargetContext, 'read'>,
  devices: readonly Placed[],
  { type, content, home }: Work,
): Promise<ReadonlySet<number>> {
  if (type !== 'firmware') return NONE;
  const { idleDevices } = await import('../firmware/choose-all.ts');
  return idleDevices({ read, home }, content['input'] as FirmwareInput, devices);
}

/** The time zone of each site: its own, else that of the place it lies in, else this machine's. */
async function siteZones({ read }: Pick<TargetContext, 'read'>): Promise<ReadonlyMap<number, string>> {
  const sites = new Map<number, { readonly parentId: number | null; readonly timeZone: string | null }>();
  for await (const { id, parentId, timeZone } of read.sites.list({ scope: 'all' }))
    sites.set(id, { parentId, timeZone });
  const own = ownTimeZone();
  function zoneOf(id: number | null): string {
    const site = id === null ? undefined : sites.get(id);
    return site === undefined ? own : (site.timeZone ?? zoneOf(site.parentId));
  }
  return new Map([...sites.keys()].map((id) => [id, zoneOf(id)]));
}
