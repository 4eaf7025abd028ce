/**
 * Reading a table: any encoding, any of the three separators, header names free of case and order, rows with their line
 * numbers, in constant memory (CSV-01, 09, 16, 19; security.md I-02, I-04).
 */
import { PhonectlError } from '../errors.ts';
import { decode } from './decode.ts';
import { detectSeparator, findHeader, refuseForeign, refuseOtherText, SEPARATORS, type Separator } from './detect.ts';
import { HEADER_HINT, type HeaderColumn, headerKey, type Row, RowReader } from './rows.ts';

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

const CHUNK = 256 * 1024;
const HEAD = 64 * 1024;

export { type HeaderColumn, headerKey, type Row, type RowProblem } from './rows.ts';

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
  const reader = new RowReader(name, separator, (message) => warnings.push(message));
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

function remaining<T>(iterator: AsyncIterator<T>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => iterator.next(),
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    }),
  };
}
