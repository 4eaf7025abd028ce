/** Times on the command line: the same forms everywhere, and the same sentence for what is none. */
import { custom } from '@oclif/core/flags';
import { MOMENT_FORMS, parseMoment } from '../domain/moment.ts';
import { parseDuration } from '../sdk/enrolment/duration.ts';
import { UsageValueError } from './usage-error.ts';

/** `--since`, `--until` of lists: a moment, or a length of time ago. The text itself: a saved view means it anew each time. */
export function pastFlag(name: string, summary: string) {
  return timeFlag(name, `${summary} A time, or 24h, 7d for so long ago.`, '24h or 7d for so long ago');
}

/** `--until` of what is granted: a moment, or a length of time from now. */
export function futureFlag(name: string, summary: string) {
  return timeFlag(name, summary, '30d for so long from now');
}

function timeFlag(name: string, summary: string, length: string) {
  return custom<string>({
    parse: async (text) => {
      if (parseDuration(text) !== undefined || parseMoment(text) !== undefined) return text;
      throw new UsageValueError(`--${name}: "${text}" is no time.`, [`Write ${MOMENT_FORMS}, or ${length}.`]);
    },
  })({ summary, helpValue: 'TIME' });
}

/** What a {@link pastFlag} says, in milliseconds since the epoch. */
export function pastMoment(text: string, now = Date.now()): number {
  const ago = parseDuration(text);
  return ago === undefined ? (parseMoment(text) ?? Number.NaN) : now - ago;
}
