/**
 * Values on the wire. One JSON value, or a line for each item of a sequence (NDJSON). In a stream, an object with one key
 * that begins with `$` is the transport's own word: `$progress`, `$result`, `$problem` (always the last line), and in place
 * of a value `$bytes` (base64). An empty line means: still here.
 */
export const NDJSON_TYPE = 'application/x-ndjson';
/** `value` or `stream`: whether the lines end in one result or are the items of a sequence. */
export const KIND_HEADER = 'phonectl-kind';

/** Bytes cannot be JSON. */
export function toWire(value: unknown): unknown {
  return value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString('base64') } : value;
}

export function itemLine(item: unknown): string {
  return `${JSON.stringify(toWire(item) ?? null)}\n`;
}

export function resultLine(result: unknown): string {
  return `${JSON.stringify({ $result: toWire(result) ?? null })}\n`;
}

export function progressLine(event: unknown): string {
  return `${JSON.stringify({ $progress: event })}\n`;
}

export function problemLine(problem: unknown): string {
  return `${JSON.stringify({ $problem: problem })}\n`;
}
