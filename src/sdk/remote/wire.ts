/** Reads what the API sends: lines of JSON, and the transport's own words in them (see `server/api/wire.ts`). */
import { ERROR_CODES, type ErrorCode, PhonectlError } from '../errors.ts';

/** Complete lines of a stream of bytes; empty ones (signs of life) are left out. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
  if (rest !== '') yield rest;
}

export type Word =
  | { readonly is: 'item'; readonly value: unknown }
  | { readonly is: 'result'; readonly value: unknown }
  | { readonly is: 'progress'; readonly event: unknown };

/** What a line says. Throws the problem that it brings. */
export function readLine(line: string): Word {
  const value: unknown = JSON.parse(line);
  if (!line.startsWith('{"$')) return { is: 'item', value };
  const word = value as Readonly<Record<string, unknown>>;
  if ('$problem' in word) throw toError(word['$problem']);
  if ('$result' in word) return { is: 'result', value: fromWire(word['$result']) };
  if ('$progress' in word) return { is: 'progress', event: word['$progress'] };
  return { is: 'item', value: fromWire(value) };
}

/** Bytes come as base64. */
export function fromWire(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && '$bytes' in value && typeof value.$bytes === 'string') {
    return new Uint8Array(Buffer.from(value.$bytes, 'base64'));
  }
  return value;
}

/** A problem document as the error that it was on the server. A code that we do not know is a newer server's. */
export function toError(problem: unknown): PhonectlError {
  const { code, detail, hints, details } = problem as Readonly<Record<string, unknown>>;
  const known = typeof code === 'string' && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'unexpected';
  return new PhonectlError(known, String(detail ?? 'The server refused without saying why.'), {
    hints: Array.isArray(hints) ? hints.map(String) : [],
    details: typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {},
  });
}
