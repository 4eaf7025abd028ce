/**
 * What is planned for hours in which people need their phones (TASK-32): configuration and firmware may restart them. That is
 * said, in words and with a way out, and not forbidden.
 */
import {
  isInside,
  localTime,
  OFF,
  OFFICE_HOURS,
  type OfficeHours,
  parseOfficeHours,
} from '../../domain/office-hours.ts';
import { isOpen, parseWindow, type Window } from '../../domain/window.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import type { Repositories } from '../ports/store.ts';
import type { Schedule, Strategy } from '../ports/tasks.ts';
import { nextOccurrence, ownTimeZone } from './schedule.ts';

/** Types of task that restart phones, and those that may. */
const RESTARTS: Readonly<Record<string, string>> = {
  reboot: 'reboots phones',
  restart: 'restarts phones',
  reset: 'resets phones',
  firmware: 'restarts phones',
  'config-push': 'may restart phones',
  'check-sync': 'may restart phones',
  resource: 'may restart phones',
};

export interface Planned {
  readonly type: string;
  readonly schedule: Schedule;
  readonly strategy: Pick<Strategy, 'window' | 'skip'>;
  readonly devices: readonly Pick<DeviceRecord, 'siteId'>[];
}

interface Place {
  readonly name: string;
  readonly zone: string;
  /** As it was said. */
  readonly text: string;
  readonly hours: OfficeHours;
}

/** Sites that a warning names. */
const NAMED = 3;

/** What to say about the times of a task; nothing of what begins now, and of what nobody is disturbed by. */
export async function officeHourWarnings(
  read: Repositories,
  { type, schedule, strategy, devices }: Planned,
  now: number,
): Promise<readonly string[]> {
  const does = RESTARTS[type];
  if (schedule.kind === 'now' || does === undefined || strategy.skip === true) return [];
  const moments = await momentsOf(schedule, now);
  const window = strategy.window === undefined ? undefined : parseWindow(strategy.window);
  const bySite = Map.groupBy(devices, ({ siteId }) => siteId);
  const places = await placesOf(read);
  const hit = [...bySite].flatMap(([siteId, { length }]) => {
    const place = places.get(siteId);
    const at =
      place && moments.map((moment) => begin(moment, window, place.zone)).find((moment) => disturbs(place, moment));
    return place === undefined || at === undefined ? [] : [{ place, at, phones: length }];
  });
  const [first] = hit;
  if (first === undefined) return [];
  const named = hit.slice(0, NAMED).map(({ place, at, phones }) => {
    const when = localTime(place.zone, at).text;
    return `${place.name} (${when} there, office hours ${place.text}, ${phones} ${phones === 1 ? 'phone' : 'phones'})`;
  });
  const more = hit.length > NAMED ? [`${hit.length - NAMED} more sites`] : [];
  return [
    `This ${does} in the office hours of ${listed([...named, ...more])}. Choose another time or add ` +
      `--window ${outside(first.place.hours)}; if it is meant, say so once: phonectl site edit ${quoted(first.place.name)} --office-hours off.`,
  ];
}

function disturbs({ hours, zone }: Place, at: number): boolean {
  return isInside(hours, zone, at);
}

/** When phones are begun that are due then: a window may make them wait. */
function begin(at: number, window: Window | undefined, zone: string): number {
  if (window === undefined || isOpen(window, zone, at)) return at;
  const wait = (window.from - localTime(zone, at).minute + 1440) % 1440;
  return at + wait * 60_000;
}

/** Enough of them to see every weekday of a daily rule, and some months of a monthly one. */
const LOOKED_AT = { least: 12, most: 500, ahead: 8 * 86_400_000 };

async function momentsOf(schedule: Schedule, now: number): Promise<readonly number[]> {
  const moments: number[] = [];
  for (let at = await nextOccurrence(schedule, now); at !== undefined; at = await nextOccurrence(schedule, at)) {
    const enough = moments.length >= LOOKED_AT.least && at > now + LOOKED_AT.ahead;
    if (enough || moments.length === LOOKED_AT.most) break;
    moments.push(at);
  }
  return moments;
}

/** The sites that have office hours: their own, or those of the place that they lie in. */
async function placesOf(read: Repositories): Promise<ReadonlyMap<number, Place>> {
  const sites = new Map<number, Site>();
  for await (const site of read.sites.list({ scope: 'all' })) sites.set(site.id, site);
  const own = ownTimeZone();
  function said<K extends 'timeZone' | 'officeHours'>(id: number | null, what: K): string | undefined {
    const site = id === null ? undefined : sites.get(id);
    return site === undefined ? undefined : (site[what] ?? said(site.parentId, what));
  }
  const places = new Map<number, Place>();
  for (const [id, { name }] of sites) {
    const text = said(id, 'officeHours') ?? OFFICE_HOURS;
    const hours = text === OFF ? undefined : parseOfficeHours(text);
    if (hours !== undefined) places.set(id, { name, zone: said(id, 'timeZone') ?? own, text, hours });
  }
  return places;
}

interface Site {
  readonly name: string;
  readonly parentId: number | null;
  readonly timeZone: string | null;
  readonly officeHours: string | null;
}

/** The rest of the day. */
function outside({ window: { from, until } }: OfficeHours): string {
  return `${clock(until)}-${clock(from)}`;
}

function clock(minutes: number): string {
  const [hours, rest] = [Math.floor((minutes % 1440) / 60), minutes % 60];
  return `${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** As a shell takes it. */
function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `"${name.replaceAll(/["\\$`]/g, '\\$&')}"`;
}
