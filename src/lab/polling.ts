/** Times of day at which phones look for a new configuration. */

/** The next moment of local time in the window `from` … `until` (`HH:MM`); without an end, `from` itself. */
export function nextTimeOfDay(from: string, until: string, fraction: number, now = new Date()): Date {
  const start = minutes(from) ?? 180;
  const end = minutes(until) ?? start;
  // A window that ends before it starts reaches over midnight.
  const length = (end - start + 1440) % 1440;
  const next = new Date(now);
  next.setHours(0, start, 0, 0);
  next.setSeconds(Math.floor(length * 60 * fraction));
  if (next <= now) next.setDate(next.getDate() + 1);
  return next;
}

function minutes(time: string): number | null {
  const match = /^(\d{1,2}):?(\d{2})$/.exec(time.trim());
  return match === null ? null : Number(match[1]) * 60 + Number(match[2]);
}
