/** Hours in which people need their phones: `mon-fri 08:00-18:00`, in the time zone of the place (TASK-32). Pure. */
import { parseWindow, type Window } from './window.ts';

export interface OfficeHours {
  /** 0 is Sunday. */
  readonly days: ReadonlySet<number>;
  readonly window: Window;
}

/** Where nobody has said anything else. */
export const OFFICE_HOURS = 'mon-fri 08:00-18:00';
/** There are none. */
export const OFF = 'off';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Reads `mon-fri 08:00-18:00`, `mon,wed,fri 07:30-16:00`, or `08:00-18:00` of every day; `undefined` for what is none. */
export function parseOfficeHours(text: string): OfficeHours | undefined {
  const match = /^(?:([a-z,-]+) +)?([\d:]+-[\d:]+)$/.exec(text.trim().toLowerCase());
  const window = parseWindow(match?.[2] ?? '');
  const days = match?.[1] === undefined ? [0, 1, 2, 3, 4, 5, 6] : match[1].split(',').flatMap(daysOf);
  if (window === undefined || days.includes(-1)) return undefined;
  return { days: new Set(days), window };
}

/** `mon`, or `fri-mon`, around the end of the week; -1 for what is no day. */
function daysOf(text: string): readonly number[] {
  const [first = -1, last = first, ...more] = text.split('-').map((day) => DAYS.indexOf(day));
  if (first < 0 || last < 0 || more.length > 0) return [-1];
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, index) => (first + index) % 7);
}

/** Whether the moment (milliseconds since the epoch) lies in them there. Hours over midnight belong to the day before. */
export function isInside({ days, window: { from, until } }: OfficeHours, timeZone: string, at: number): boolean {
  const { day, minute } = localTime(timeZone, at);
  if (from < until) return days.has(day) && minute >= from && minute < until;
  return (days.has(day) && minute >= from) || (days.has((day + 6) % 7) && minute < until);
}

export interface LocalTime {
  /** 0 is Sunday. */
  readonly day: number;
  /** Since midnight. */
  readonly minute: number;
  /** `Mon 12:00`. */
  readonly text: string;
}

/** What the clocks there show. */
export function localTime(timeZone: string, at: number): LocalTime {
  const parts = formatFor(timeZone).formatToParts(at);
  const [weekday = '', hour = '', minute = ''] = ['weekday', 'hour', 'minute'].map(
    (type) => parts.find((part) => part.type === type)?.value,
  );
  return {
    day: DAYS.indexOf(weekday.toLowerCase()),
    minute: Number(hour) * 60 + Number(minute),
    text: `${weekday} ${hour}:${minute}`,
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const clock = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    format = new Intl.DateTimeFormat('en-GB', { timeZone, ...clock });
    formats.set(timeZone, format);
  }
  return format;
}
