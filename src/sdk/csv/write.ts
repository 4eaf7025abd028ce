/** Writing tables: quick, quoted where needed, and harmless in a spreadsheet (security.md I-03, DEV-54). */
import type { Options } from 'csv-stringify';
import type { stringify } from 'csv-stringify/sync';
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

type Cells = readonly string[];

// Blanks at the ends would be trimmed, a # at the start taken for a comment, and a lone CR for the end of a row.
const QUOTED = [/^[\s#]|\s$/, /[\r\n]/];

/** A header and rows as text, in pieces of one batch each. */
export async function* writeTable(
  header: Cells,
  batches: AsyncIterable<readonly Cells[]> | Iterable<readonly Cells[]>,
  options: WriteOptions = {},
): AsyncGenerator<string> {
  const csv = await import('csv-stringify/sync');
  const writer = new BatchWriter(csv.stringify, SEPARATORS[options.separator ?? 'comma'], options.raw ?? false);
  yield (options.bom ? '\ufeff' : '') + writer.quoted([header]);
  for await (const batch of batches) {
    if (batch.length > 0) yield writer.write(batch);
  }
}

/**
 * Rows that need no quote and no apostrophe, which is most of them, are put together here; csv-stringify, which looks at
 * every cell several times, gets the others.
 */
class BatchWriter {
  readonly #stringify: typeof stringify;
  readonly #separator: string;
  readonly #raw: boolean;
  readonly #settings: Options;
  /** A cell that begins like a formula, comment, apostrophe or blank, ends with a blank, or holds a quote or line break. */
  readonly #special: RegExp;

  constructor(write: typeof stringify, separator: string, raw: boolean) {
    this.#stringify = write;
    this.#separator = separator;
    this.#raw = raw;
    this.#settings = { delimiter: separator, quoted_match: QUOTED };
    this.#special = new RegExp(
      `(?:^|${separator})(?:[#'=+\\-@\\0\\uff1d\\uff0b\\uff0d\\uff20]|(?!${separator})\\s)|(?!${separator})\\s(?:${separator}|$)|["\\r\\n]`,
    );
  }

  write(batch: readonly Cells[]): string {
    const lines = batch.map((cells) => this.#plain(cells));
    const special = lines.filter((line) => line === undefined).length;
    if (special === 0) return `${lines.join('\n')}\n`;
    // csv-stringify takes a while to begin: one call for all when there would be many.
    if (special > batch.length / 5) return this.quoted(batch);
    return lines.map((line, index) => (line === undefined ? this.quoted([batch[index]!]) : `${line}\n`)).join('');
  }

  quoted(rows: readonly Cells[]): string {
    const safe = this.#raw ? rows.map((cells) => [...cells]) : rows.map((cells) => cells.map(neutralise));
    return this.#stringify(safe, this.#settings);
  }

  /** The row as it is when nothing in it is special. */
  #plain(cells: Cells): string | undefined {
    const line = cells.join(this.#separator);
    if (this.#special.test(line) || cells.length === 1) return undefined;
    let separators = 0;
    for (let at = line.indexOf(this.#separator); at >= 0; at = line.indexOf(this.#separator, at + 1)) separators += 1;
    return separators === cells.length - 1 ? line : undefined;
  }
}
