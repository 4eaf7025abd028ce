/** From text to rows: what stands in a header, and what a row is. */
import type { Options, Parser } from 'csv-parse';
import { excerpt } from '../../domain/text.ts';
import { PhonectlError } from '../errors.ts';
import { restore } from './cells.ts';
import { damageWatcher } from './decode.ts';
import { PlainSplitter } from './plain.ts';

export interface HeaderColumn {
  /** As written, trimmed. */
  readonly name: string;
  /** Lower case, blanks and hyphens as underscores: `MAC Address` → `mac_address`. */
  readonly key: string;
  /** Position in {@link Row.cells}. */
  readonly index: number;
}

export interface Row {
  /** Line of the file on which the row starts; the first line is 1. */
  readonly line: number;
  /** One per header column, absent cells as empty text. */
  readonly cells: readonly string[];
  /** What is wrong with the row as a whole: it must be rejected. */
  readonly problem?: RowProblem;
}

export interface RowProblem {
  /** Sentences, as in an import's row errors. */
  readonly reason: string;
  readonly remedy: string;
}

/** The longest cell, in characters: what a spreadsheet can hold. */
export const LONGEST_CELL = 32_767;
/** The longest row, in bytes. Beyond it a quote that nobody closed is the likely cause. */
const LONGEST_ROW = 4 * 1024 * 1024;

const QUOTE = 0x22;

export const HEADER_HINT = 'The first line must name the columns; `phonectl … template` prints one.';

/** The form in which header names are compared (CSV-09). */
export function headerKey(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
}

/** A row before its cells were restored. */
export type RawRow = { line: number; cells: string[]; problem?: RowProblem };

interface BatchParser extends Parser {
  /** Rows parsed since it was last emptied. */
  batch: RawRow[];
}

/** csv-parse, with its records collected where they are made: no event and no promise per row. */
async function makeParser(separator: string): Promise<BatchParser> {
  const csv = await import('csv-parse');
  class CollectingParser extends csv.Parser implements BatchParser {
    batch: RawRow[] = [];
    override push(record: string[] | null): boolean {
      if (record === null) return super.push(null);
      this.batch.push({ line: this.info.lines, cells: record });
      return true;
    }
  }
  const options: Options = {
    delimiter: separator,
    // Not left to csv-parse: it would take the first one that it sees as the only one.
    record_delimiter: ['\r\n', '\n', '\r'],
    trim: true,
    comment: '#',
    comment_no_infix: true,
    relax_column_count: true,
    max_record_size: LONGEST_ROW,
  };
  return new CollectingParser(options);
}

export class RowReader {
  readonly #name: string;
  readonly #separator: string;
  readonly #witness: (chunk: Buffer) => void;
  readonly #plain: PlainSplitter;
  /** Takes over at the first quote. */
  #parser: BatchParser | undefined;
  /** Lines before those that the parser counts. */
  #offset = 0;
  #columns = 0;
  #lastLine = 0;
  #held: readonly RawRow[] = [];
  #failure: Error | undefined;
  bytes = 0;

  constructor(name: string, separator: string, warn: (message: string) => void) {
    this.#name = name;
    this.#separator = separator;
    this.#plain = new PlainSplitter(separator);
    this.#witness = damageWatcher(warn);
  }

  get comments(): number {
    return this.#plain.comments + (this.#parser?.info.comment_lines ?? 0);
  }

  /** All rows including the header, in batches. */
  async *read(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<readonly RawRow[]> {
    yield* this.#some(await this.#parse(start));
    for await (const chunk of rest) yield* this.#some(await this.#parse(chunk));
    yield* this.#some(await this.#end());
  }

  *#some(batch: readonly RawRow[]): Generator<readonly RawRow[]> {
    if (batch.length > 0) yield batch;
    if (this.#failure !== undefined) throw this.#parseError(this.#failure);
  }

  async #parse(chunk: Buffer): Promise<readonly RawRow[]> {
    this.bytes += chunk.length;
    this.#witness(chunk);
    if (chunk.includes(0)) {
      throw this.#error('a NUL character', 'Save the file as text again, without binary content.');
    }
    if (this.#parser === undefined && chunk.includes(QUOTE)) {
      this.#parser = await this.#startParser();
      this.#parser.write(this.#plain.rest);
    }
    if (this.#parser !== undefined) {
      this.#parser.write(chunk);
      return this.#take(this.#parser);
    }
    const rows = this.#plain.split(chunk.toString());
    if (this.#plain.rest.length > LONGEST_ROW) {
      throw this.#error('more than 4 MB', 'Is this the right file? Rows end with the line.');
    }
    this.#lastLine = this.#plain.line - 1;
    return rows;
  }

  async #startParser(): Promise<BatchParser> {
    this.#offset = this.#plain.line - 1;
    const parser = await makeParser(this.#separator);
    parser.on('error', (error) => {
      this.#failure = error;
    });
    return parser;
  }

  async #end(): Promise<readonly RawRow[]> {
    const parser = this.#parser;
    if (parser === undefined) return this.#plain.split('', true);
    await new Promise<void>((resolve) => parser.end(resolve).once('error', () => resolve()));
    return this.#take(parser);
  }

  #take(parser: BatchParser): readonly RawRow[] {
    const { batch } = parser;
    parser.batch = [];
    for (const row of batch) {
      row.line += this.#offset;
      this.#lastLine = row.line;
      // csv-parse tells the line on which a row ends.
      for (const cell of row.cells) {
        if (cell.includes('\n') || cell.includes('\r')) row.line -= cell.match(/\r\n|\n|\r/g)!.length;
      }
    }
    return batch;
  }

  /** Reads up to the header and checks it. */
  async header(batches: AsyncGenerator<readonly RawRow[]>): Promise<readonly HeaderColumn[]> {
    for (let next = await batches.next(); !next.done; next = await batches.next()) {
      const at = next.value.findIndex(({ cells }) => !isPreamble(cells));
      if (at < 0) continue;
      const header = this.#checkHeader(next.value[at]!);
      this.#held = next.value.slice(at + 1);
      return header;
    }
    throw new PhonectlError('invalid_file', `${this.#name} has no header.`, { hints: [HEADER_HINT] });
  }

  #checkHeader({ line, cells }: RawRow): readonly HeaderColumn[] {
    this.#columns = cells.length;
    const seen = new Map<string, string>();
    const header: HeaderColumn[] = [];
    for (const [index, cell] of cells.entries()) {
      const name = cell.trim();
      // A separator at the end of the header makes an empty name (as the manual's own sample has); its cells must be empty.
      if (name === '') continue;
      if (/[\r\n]/.test(name) || /^\d*\.|\.$/.test(name)) throw this.#brokenHeader(name, line);
      const key = headerKey(name);
      if (seen.has(key)) {
        throw new PhonectlError('invalid_file', `${this.#name} has two columns named ${excerpt(name)}.`, {
          hints: ['Rename or delete one of them; case and blanks do not make a difference.'],
          details: { line, column: name },
        });
      }
      seen.set(key, name);
      header.push({ name, key, index });
    }
    return header;
  }

  #brokenHeader(name: string, line: number): PhonectlError {
    const shown = excerpt(name.replace(/\s+/g, ' '));
    return new PhonectlError('invalid_file', `The header of ${this.#name} is broken at '${shown}' in line ${line}.`, {
      hints: ['Join its parts: the whole header stands on one line, and no column name ends or starts with a dot.'],
      details: { line, column: name },
    });
  }

  /** The rows under the header, cells restored and padded. */
  async *rows(batches: AsyncGenerator<readonly RawRow[]>): AsyncGenerator<readonly Row[]> {
    if (this.#held.length > 0) yield this.#finish(this.#held as readonly RawRow[]);
    this.#held = [];
    for await (const batch of batches) yield this.#finish(batch);
  }

  #finish(batch: readonly RawRow[]): readonly Row[] {
    const rows: Row[] = [];
    for (const row of batch) {
      const { cells } = row;
      if (cells.length === 1 && cells[0] === '' && this.#columns > 1) continue;
      for (let index = 0; index < cells.length; index++) {
        const cell = cells[index]!;
        if (cell.length === 0) continue;
        if (cell.length > LONGEST_CELL) row.problem ??= tooLong(cell.length);
        cells[index] = restore(cell);
      }
      if (cells.length !== this.#columns) fitCells(row, this.#columns);
      rows.push(row);
    }
    return rows;
  }

  #parseError(error: Error): PhonectlError {
    const code = 'code' in error ? String(error.code) : '';
    switch (code) {
      case 'CSV_QUOTE_NOT_CLOSED':
      case 'CSV_MAX_RECORD_SIZE':
        return this.#error(
          'a quote that is never closed',
          'Close it, or double it ("") where it belongs to the text.',
          error,
        );
      case 'CSV_INVALID_CLOSING_QUOTE':
      case 'CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE':
        return this.#error('text after a closing quote', 'Double each quote inside a quoted cell: "5"" phone".', error);
      case 'INVALID_OPENING_QUOTE':
        return this.#error(
          'a quote inside an unquoted cell',
          'Quote the whole cell and double the quote: "5"" phone".',
          error,
        );
      default:
        return this.#error(`something that is not CSV (${error.message})`, 'Correct the line.', error);
    }
  }

  #error(what: string, remedy: string, cause?: Error): PhonectlError {
    const line = this.#lastLine + 1;
    return new PhonectlError('invalid_file', `The row at line ${line} of ${this.#name} holds ${what}.`, {
      hints: [remedy],
      details: { line },
      ...(cause && { cause }),
    });
  }
}

/** Blank rows, comments that a spreadsheet has put in quotes, and Excel's `sep=` line. */
function isPreamble(cells: readonly string[]): boolean {
  const [first = ''] = cells;
  return (
    first.startsWith('#') ||
    /^sep=./i.test(first) ||
    (first === 'sep=' && cells.length > 1) ||
    cells.every((cell) => cell === '')
  );
}

function tooLong(length: number): RowProblem {
  return {
    reason: `A cell has ${length} characters; at most ${LONGEST_CELL} are possible.`,
    remedy: 'Shorten it. Is a quote missing?',
  };
}

/** Short rows are padded; longer ones may only be longer by empty cells. */
function fitCells(row: RawRow, columns: number): void {
  const { cells } = row;
  const found = cells.length;
  while (cells.length < columns) cells.push('');
  while (cells.length > columns && cells.at(-1) === '') cells.pop();
  if (cells.length <= columns) return;
  cells.length = columns;
  row.problem ??= {
    reason: `The row has ${found} cells, the header has ${columns}.`,
    remedy: 'Put a cell that contains the separator between double quotes, or name the separator with --separator.',
  };
}
