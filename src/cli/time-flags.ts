/** Times on the command line: the same forms everywhere, and the same sentence for what is none. */
import { custom } from '@oclif/core/flags';
import { MOMENT_FORMS, parseMoment } from '../domain/moment.ts';
import { parseDuration } from '../sdk/enrolment/duration.ts';
import { UsageValueError } from './usage-error.ts';

/** `--since`, `--until` of lists: milliseconds since the epoch. A length of time is so long ago. */
export function pastFlag(name: string, summary: string) {
  return custom<number>({
    parse: async (text) => {
      const ago = parseDuration(text);
      const at = ago === undefined ? parseMoment(text) : Date.now() - ago;
      if (at === undefined) throw wrong(name, text, '24h or 7d for so long ago');
      return at;
    },
  })({ summary: `${summary} A time, or 24h, 7d for so long ago.`, helpValue: 'TIME' });
}

/** `--until` of what is granted: the text, which means the same to the server. */
export function futureFlag(name: string, summary: string) {
  return custom<string>({
    parse: async (text) => {
      if (parseDuration(text) === undefined && parseMoment(text) === undefined)
        throw wrong(name, text, '30d for so long from now');
      return text;
    },
  })({ summary, helpValue: 'TIME' });
}

function wrong(name: string, text: string, length: string): UsageValueError {
  return new UsageValueError(`--${name}: "${text}" is no time.`, [`Write ${MOMENT_FORMS}, or ${length}.`]);
}
