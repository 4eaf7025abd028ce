/** Writing tables: quick, quoted where needed, and harmless in a spreadsheet (security.md I-03, DEV-54). */
import type { Options } from 'csv-stringify';
import { neutralise } from './cells.ts';
import { SEPARATORS, type Separator } from './detect.ts';

export interface WriteOptions {
  /** Default comma. */
  readonly separator?: Separator | undefined;
  /** Starts the file with a byte order mark: Excel on Windows needs it to see UTF-8. */
  readonly bom?: boolean | undefined;
  /** Writes cells exactly as they are, for machines: a spreadsheet might then run one as a formula. */
  readonly raw?: boolean | undefined;
}

// Blanks at the ends would be trimmed, a # at the start taken for a comment, and a lone CR for the end of a row.
const QUOTED = [/^[\s#]|\s$/, /[\r\n]/];

/** A header and rows as text, in pieces of one batch each. */
export async function* writeTable(
  header: readonly string[],
  batches: AsyncIterable<readonly (readonly string[])[]> | Iterable<readonly (readonly string[])[]>,
  options: WriteOptions = {},
): AsyncGenerator<string> {
  const { stringify } = await import('csv-stringify/sync');
  const settings: Options = { delimiter: SEPARATORS[options.separator ?? 'comma'], quoted_match: QUOTED };
  yield (options.bom ? '\ufeff' : '') + stringify([[...header]], settings);
  for await (const batch of batches) {
    const rows = options.raw ? batch : batch.map((cells) => cells.map(neutralise));
    if (rows.length > 0) yield stringify(rows as string[][], settings);
  }
}
