/** The examples of a guide, so that tests run them as they stand there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Fenced blocks behind `<!-- example: name -->`, by name. */
export function examplesOf(guide: string): Map<string, string> {
  const text = readFileSync(join(import.meta.dirname, '../../docs/guides', guide), 'utf8');
  const blocks = text.matchAll(/<!-- example: ([\w-]+) -->\n```\w+\n(.*?)\n```\n/gs);
  return new Map([...blocks].map(([, name, code]) => [name!, code!]));
}
