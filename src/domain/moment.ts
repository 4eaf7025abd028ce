/** Moments as people write them. */

const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?) ?(Z|[+-]\d{2}:\d{2})?)?$/i;

/** What to write instead of something that is no moment. */
export const MOMENT_FORMS = '2026-11-22, "2026-11-22 14:00" (UTC) or 2026-11-22T14:00:00+01:00';

/**
 * Milliseconds since the epoch; `undefined` for what is none. Without a zone it is UTC. `Date.parse` alone takes `1` for
 * a year and the 31st of November for the first of December.
 */
export function parseMoment(text: string): number | undefined {
  const match = MOMENT.exec(text.trim());
  if (match === null) return undefined;
  const [, day = '', time = '00:00', zone = 'Z'] = match;
  const at = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  const isDay = new Date(`${day}T00:00Z`).getTime();
  if (Number.isNaN(at) || Number.isNaN(isDay) || new Date(isDay).toISOString().slice(0, 10) !== day) return undefined;
  return at;
}
