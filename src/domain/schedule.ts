/** Repeating times as people say them, and as five fields of crontab(5). */

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

const WEEKDAY_NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

export const PERIODS = ['daily', 'weekly', 'monthly'] as const;
export type Period = (typeof PERIODS)[number];

export interface Repetition {
  readonly period: Period;
  /** `03:00`. */
  readonly time: string;
  /** Weekdays of a weekly one, days of the month (1 to 31, or `last`) of a monthly one. */
  readonly days: readonly string[];
}

/** Hour and minute of `03:00`; `undefined` when it is none. */
export function parseTime(text: string): { readonly hour: number; readonly minute: number } | undefined {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text.trim());
  return match === null ? undefined : { hour: Number(match[1]), minute: Number(match[2]) };
}

/** The cron expression, or why there is none, as the rest of a sentence. */
export function toCron({ period, time, days }: Repetition): { readonly cron: string } | { readonly problem: string } {
  const at = parseTime(time);
  if (at === undefined) return { problem: `"${time}" is not a time such as 03:00` };
  const clock = `${at.minute} ${at.hour}`;
  if (period === 'daily') {
    return days.length === 0 ? { cron: `${clock} * * *` } : { problem: 'a daily one has no days to choose' };
  }
  const known = period === 'weekly' ? weekday : monthDay;
  const fields = days.map((day) => known(day.trim().toLowerCase()));
  const wrong = days[fields.indexOf(undefined)];
  if (fields.includes(undefined)) {
    return {
      problem: `"${wrong}" is not ${period === 'weekly' ? 'a weekday: mon to sun' : 'a day: 1 to 31, or last'}`,
    };
  }
  if (fields.length === 0) return { problem: `a ${period} one needs its ${period === 'weekly' ? 'weekday' : 'day'}` };
  const list = [...new Set(fields)].join(',');
  return { cron: period === 'weekly' ? `${clock} * * ${list}` : `${clock} ${list} * *` };
}

function weekday(day: string): string | undefined {
  const index = WEEKDAYS.findIndex(
    (name) => day === name || day === WEEKDAY_NAMES[WEEKDAYS.indexOf(name)]?.toLowerCase(),
  );
  return index < 0 ? undefined : String(index);
}

function monthDay(day: string): string | undefined {
  if (day === 'last') return 'L';
  return /^(?:[1-9]|[12]\d|3[01])$/.test(day) ? day : undefined;
}

/** The rule in words: `every day at 03:00`; an expression that has none is quoted. */
export function describeCron(cron: string): string {
  const [minute = '', hour = '', day = '', month = '', weekdays = ''] = cron.split(' ');
  if (!/^\d+$/.test(minute) || !/^\d+$/.test(hour) || month !== '*') return `at the times of "${cron}"`;
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (day === '*' && weekdays === '*') return `every day at ${time}`;
  if (day === '*' && /^[0-6](?:,[0-6])*$/.test(weekdays)) {
    return `every ${listed(weekdays.split(',').map((index) => WEEKDAY_NAMES[Number(index)] ?? ''))} at ${time}`;
  }
  if (weekdays === '*' && /^(?:\d+|L)(?:,(?:\d+|L))*$/.test(day)) {
    const days = day.split(',').map((each) => (each === 'L' ? 'the last day' : `day ${each}`));
    return `on ${listed(days)} of every month at ${time}`;
  }
  return `at the times of "${cron}"`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
