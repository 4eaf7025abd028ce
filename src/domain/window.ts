/** Times of the day at which something may be begun: `22:00-05:00`, in the time zone of the place. */

/** Minutes since midnight; the end may lie on the next day. */
export interface Window {
  readonly from: number;
  readonly until: number;
}

const FORM = /^([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)$/;

/** `undefined` when it is not like `22:00-05:00`, or nothing long. */
export function parseWindow(text: string): Window | undefined {
  const match = FORM.exec(text.trim());
  if (match === null) return undefined;
  const [fromHour = 0, fromMinute = 0, untilHour = 0, untilMinute = 0] = match.slice(1).map(Number);
  const from = fromHour * 60 + fromMinute;
  const until = untilHour * 60 + untilMinute;
  return from === until || until > 1440 ? undefined : { from, until };
}

/** Whether the moment (milliseconds since the epoch) lies in the window there. */
export function isOpen({ from, until }: Window, timeZone: string, at: number): boolean {
  const minute = minuteOfDay(timeZone, at);
  return from < until ? minute >= from && minute < until : minute >= from || minute < until;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function minuteOfDay(timeZone: string, at: number): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    formats.set(timeZone, format);
  }
  const [hour = 0, minute = 0] = format.format(at).split(':').map(Number);
  return hour * 60 + minute;
}
