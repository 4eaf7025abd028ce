/**
 * Reading a table: any encoding, any of the three separators, header names free of case and order, rows with their line
 * numbers, in constant memory (CSV-01, 09, 16, 19; security.md I-02, I-04).
 */
import type { Options, Parser } from 'csv-parse';
import { excerpt } from '../../domain/text.ts';
import { PhonectlError } from '../errors.ts';
import { restore } from './cells.ts';
import { damageWatcher, decode } from './decode.ts';
import { detectSeparator, findHeader, refuseForeign, refuseOtherText, SEPARATORS, type Separator } from './detect.ts';

export interface TableOptions {
  /** Found from the header when not given. */
  readonly separator?: Separator | undefined;
  /** Any name that TextDecoder knows; found from the bytes when not given. */
  readonly encoding?: string | undefined;
  /** Name of the file for messages; default its path, or `stdin`. */
  readonly name?: string | undefined;
  /** Whether a header name (as {@link HeaderColumn.key}) means something; decides between separators. */
  readonly known?: (key: string) => boolean;
}

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

export interface Table {
  readonly header: readonly HeaderColumn[];
  readonly separator: string;
  readonly encoding: string;
  /** Grows while rows are read. */
  readonly warnings: readonly string[];
  /** Comment lines (`#`) skipped so far. */
  readonly comments: () => number;
  /** Bytes consumed so far and, for a file, its size: for progress. */
  readonly progress: () => { readonly bytes: number; readonly total: number | undefined };
  /** Rows in batches of some hundreds. Throws `invalid_file` for what makes the rest of the file unreadable. Once only. */
  batches(): AsyncIterable<readonly Row[]>;
  /** The same, row by row. */
  rows(): AsyncIterable<Row>;
}

/** The longest cell, in characters: what a spreadsheet can hold. */
export const LONGEST_CELL = 32_767;
/** The longest row, in bytes. Beyond it a quote that nobody closed is the likely cause. */
const LONGEST_ROW = 4 * 1024 * 1024;
const CHUNK = 256 * 1024;
const HEAD = 64 * 1024;

/** Opens a file by path, or a stream of bytes. Throws `not_found`, `invalid_file`. */
export async function openTable(
  source: string | AsyncIterable<Uint8Array>,
  options: TableOptions = {},
): Promise<Table> {
  const name = options.name ?? (typeof source === 'string' ? source : 'stdin');
  const input = typeof source === 'string' ? openFile(source) : { bytes: source, total: undefined };
  const chunks = input.bytes[Symbol.asyncIterator]();
  const head = await readHead(chunks, name);
  refuseForeign(head, name);
  const { encoding, chunks: decoded } = decode(head, remaining(chunks), { encoding: options.encoding, name });
  const text = decoded[Symbol.asyncIterator]();
  const first = await text.next();
  const start = first.done ? Buffer.alloc(0) : first.value;
  const preview = start.subarray(0, HEAD).toString();
  refuseOtherText(preview, name);
  const headerLine = findHeader(preview);
  const separator =
    (options.separator && SEPARATORS[options.separator]) ??
    headerLine.separator ??
    detectSeparator(headerLine.text, (column) => options.known?.(headerKey(column)) ?? false, name);
  const warnings: string[] = [];
  const reader = new RowReader(name, await makeParser(separator), (message) => warnings.push(message));
  const batches = reader.read(start, remaining(text));
  const header = await reader.header(batches);
  return {
    header,
    separator,
    encoding,
    warnings,
    comments: () => reader.comments,
    progress: () => ({ bytes: reader.bytes, total: input.total }),
    batches: () => reader.rows(batches),
    async *rows() {
      for await (const batch of reader.rows(batches)) yield* batch;
    },
  };
}

/** The form in which header names are compared (CSV-09). */
export function headerKey(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
}

function openFile(path: string): { bytes: AsyncIterable<Uint8Array>; total: number | undefined } {
  const { createReadStream, statSync } = process.getBuiltinModule('node:fs');
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new PhonectlError('not_found', `There is no file ${path}.`, { hints: ['Use - to read from stdin.'] });
  }
  if (stat.isDirectory()) throw new PhonectlError('invalid_file', `${path} is a folder, not a CSV file.`);
  return { bytes: createReadStream(path, { highWaterMark: CHUNK }), total: stat.isFile() ? stat.size : undefined };
}

async function readHead(chunks: AsyncIterator<Uint8Array>, name: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length < HEAD) {
    const { done, value } = await nextChunk(chunks, name);
    if (done) break;
    parts.push(value);
    length += value.length;
  }
  if (length === 0) throw new PhonectlError('invalid_file', `${name} is empty.`, { hints: [HEADER_HINT] });
  return Buffer.concat(parts);
}

async function nextChunk(chunks: AsyncIterator<Uint8Array>, name: string): Promise<IteratorResult<Uint8Array>> {
  try {
    return await chunks.next();
  } catch (cause) {
    throw new PhonectlError('invalid_file', `${name} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

const HEADER_HINT = 'The first line must name the columns; `phonectl … template` prints one.';

function remaining<T>(iterator: AsyncIterator<T>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => iterator.next(),
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    }),
  };
}

type RawRow = { line: number; cells: string[]; problem?: RowProblem };

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

class RowReader {
  readonly #name: string;
  readonly #parser: BatchParser;
  readonly #witness: (chunk: Buffer) => void;
  #columns = 0;
  #lastLine = 0;
  #held: readonly Row[] = [];
  #failure: Error | undefined;
  bytes = 0;

  constructor(name: string, parser: BatchParser, warn: (message: string) => void) {
    this.#name = name;
    this.#parser = parser;
    this.#witness = damageWatcher(warn);
    parser.on('error', (error) => {
      this.#failure = error;
    });
  }

  get comments(): number {
    return this.#parser.info.comment_lines;
  }

  /** All rows including the header, in batches. */
  async *read(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<readonly RawRow[]> {
    yield* this.#parse(start);
    for await (const chunk of rest) yield* this.#parse(chunk);
    await new Promise<void>((resolve) => this.#parser.end(resolve).once('error', () => resolve()));
    yield* this.#take();
  }

  *#parse(chunk: Buffer): Generator<readonly RawRow[]> {
    this.bytes += chunk.length;
    this.#witness(chunk);
    const nul = chunk.indexOf(0);
    this.#parser.write(chunk);
    yield* this.#take();
    if (nul >= 0) throw this.#error('a NUL character', 'Save the file as text again, without binary content.');
  }

  *#take(): Generator<readonly RawRow[]> {
    const { batch } = this.#parser;
    this.#parser.batch = [];
    const lastLine = batch.at(-1)?.line;
    if (lastLine !== undefined) this.#lastLine = lastLine;
    if (batch.length > 0) yield batch;
    if (this.#failure !== undefined) throw this.#parseError(this.#failure);
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
      // csv-parse tells the line on which a row ends.
      for (let index = 0; index < cells.length; index++) {
        const cell = cells[index]!;
        if (cell.length === 0) continue;
        if (cell.length > LONGEST_CELL) row.problem ??= tooLong(cell.length);
        if (cell.includes('\n') || cell.includes('\r')) row.line -= cell.match(/\r\n|\n|\r/g)!.length;
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
