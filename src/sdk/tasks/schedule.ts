/** When tasks run: from what people say to moments, and from one moment to the next. */
import { describeCron, PERIODS, type Period, parseTime, toCron } from '../../domain/schedule.ts';
import { parseDuration } from '../enrolment/duration.ts';
import { PhonectlError } from '../errors.ts';
import type { Missed, Schedule } from '../ports/tasks.ts';
import { isTimeZone } from '../sites/fields.ts';

/** What callers say of the time; nothing of it means now. */
export interface ScheduleInput {
  /** ISO 8601, `2026-11-22 03:00` there, or `03:00`: the next time that it is that late. */
  readonly at?: string;
  /** `10m`, `2h`. */
  readonly in?: string;
  /** daily, weekly, monthly, or a cron expression. */
  readonly repeat?: string;
  /** Weekdays or days of the month. */
  readonly days?: readonly string[];
  /** IANA name; the server's own by default. */
  readonly timeZone?: string;
  readonly missed?: Missed;
}

/** Throws `usage` for what cannot be. */
export async function toSchedule(input: ScheduleInput, now: number): Promise<Schedule> {
  const { at, repeat } = input;
  const timeZone = zoneOf(input.timeZone);
  if (at !== undefined && input.in !== undefined) throw usage('Either "at" or "in", not both.');
  if (repeat !== undefined) {
    if (input.in !== undefined) throw usage('What repeats has a time of the day (at), not a delay (in).');
    const cron = await cronOf(input, repeat, timeZone, now);
    return { kind: 'repeat', cron, timeZone, missed: input.missed ?? 'skip' };
  }
  if (input.days !== undefined) throw usage('Days belong to what repeats: weekly or monthly.');
  const missed = input.missed ?? 'run';
  if (input.in !== undefined) {
    const delay = parseDuration(input.in);
    if (delay === undefined) throw usage(`"${input.in}" is not a length of time such as 10m or 2h.`);
    return { kind: 'at', at: now + delay, missed };
  }
  if (at === undefined) return { kind: 'now' };
  const moment = await momentOf(at, timeZone, now);
  if (moment <= now) throw usage(`${at} is in the past.`, 'Leave the time out to begin now.');
  return { kind: 'at', at: moment, missed };
}

async function cronOf(input: ScheduleInput, repeat: string, timeZone: string, now: number): Promise<string> {
  const { at, days = [] } = input;
  const period = PERIODS.find((each) => each === repeat);
  if (period === undefined) {
    if (at !== undefined || days.length > 0) throw usage('A cron expression has its own time and days.');
    await checkCron(repeat, timeZone, now);
    return repeat.trim().replace(/\s+/g, ' ');
  }
  if (at === undefined) throw usage(`What repeats ${period} needs its time of the day, such as 03:00.`);
  const result = toCron({ period, time: at, days: days.length > 0 ? days : defaultDays(period, timeZone, now) });
  if ('problem' in result) throw usage(`The rule cannot be: ${result.problem}.`);
  return result.cron;
}

/** Weekly means this weekday, monthly this day, where nothing else is said. */
function defaultDays(period: Period, timeZone: string, now: number): readonly string[] {
  if (period === 'daily') return [];
  const options = period === 'weekly' ? ({ weekday: 'short' } as const) : ({ day: 'numeric' } as const);
  return [new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(now)];
}

async function checkCron(cron: string, timeZone: string, now: number): Promise<void> {
  // Five fields only: a rule to the second is no rule for phones.
  if (cron.trim().split(/\s+/).length !== 5) {
    throw usage(`"${cron}" is neither daily, weekly, monthly nor a cron expression of five fields.`);
  }
  let next: number | undefined;
  try {
    next = await nextMatch(cron, timeZone, now);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw usage(`"${cron}" is not a cron expression: ${error.message}`);
  }
  if (next === undefined) throw usage(`"${cron}" is never true.`);
}

async function momentOf(text: string, timeZone: string, now: number): Promise<number> {
  const time = parseTime(text);
  if (time !== undefined) {
    const next = await nextMatch(`${time.minute} ${time.hour} * * *`, timeZone, now);
    if (next !== undefined) return next;
  }
  const local = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?$/.exec(text.trim());
  const moment =
    local === null ? Date.parse(text) : await localMoment(`${local[1]}T${local[2]}${local[3] ?? ':00'}`, timeZone);
  if (Number.isNaN(moment)) {
    throw usage(`"${text}" is not a time.`, 'Write 22:30, "2026-11-22 22:30" or 2026-11-22T22:30:00+01:00.');
  }
  return moment;
}

/** What the clocks there show as this; NaN when they never do. */
async function localMoment(text: string, timeZone: string): Promise<number> {
  const { Cron } = await import('croner');
  if (Number.isNaN(Date.parse(`${text}Z`))) return Number.NaN;
  // A moment of the past has no next run: looked at from the day before.
  const before = new Date(Date.parse(`${text}Z`) - 2 * 86_400_000);
  return new Cron(text, { timezone: timeZone, paused: true }).nextRun(before)?.getTime() ?? Number.NaN;
}

/**
 * The first moment after `after` that fits. Both changes of the clocks are kept in mind by croner: a time that the clocks
 * leave out comes an hour later, one that they show twice comes once.
 */
async function nextMatch(cron: string, timeZone: string, after: number): Promise<number | undefined> {
  const { Cron } = await import('croner');
  return new Cron(cron, { timezone: timeZone, paused: true }).nextRun(new Date(after))?.getTime();
}

/** When it is due next after a moment; `undefined` when never again. */
export async function nextOccurrence(schedule: Schedule, after: number): Promise<number | undefined> {
  switch (schedule.kind) {
    case 'now':
      return undefined;
    case 'at':
      return schedule.at > after ? schedule.at : undefined;
    case 'repeat':
      return nextMatch(schedule.cron, schedule.timeZone, after);
  }
}

/** What a due time is called: the same whoever runs it and however often the clock comes by. */
export function occurrenceKey(schedule: Schedule, at: number): string {
  return schedule.kind === 'repeat' ? new Date(at).toISOString() : '1';
}

/** The rule in words. */
export function describeSchedule(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'now':
      return 'at once';
    case 'at':
      return `once, at ${new Date(schedule.at).toISOString()}`;
    case 'repeat':
      return `${describeCron(schedule.cron)} (${schedule.timeZone})`;
  }
}

function zoneOf(name: string | undefined): string {
  if (name === undefined) return ownTimeZone();
  if (isTimeZone(name)) return name;
  throw usage(`"${name}" is no time zone such as Europe/Berlin.`);
}

/** Of the machine that phonectl runs on. */
export function ownTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function usage(message: string, ...hints: readonly string[]): PhonectlError {
  return new PhonectlError('usage', message, { hints });
}
