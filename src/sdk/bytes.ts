/**
 * Bytes as an input: an import's file, an image. Locally it is the stream itself, over the API the body of the request.
 * Operations never take a path from their caller: remotely that would be a path on the server.
 */
import { custom, type GenericSchema, type InferOutput } from 'valibot';
import { PhonectlError } from './errors.ts';

export type Bytes = AsyncIterable<Uint8Array>;

const schema = custom<Bytes>(isBytes, 'must be a stream of bytes (AsyncIterable<Uint8Array>)');

/** The input field of an operation that takes bytes. At most one in an input, at its top level. */
export function bytesInput(): typeof schema {
  return schema;
}

/** True for the schema of {@link bytesInput}, so that transport and documents know the field. */
export function isBytesInput(candidate: unknown): boolean {
  return candidate === schema;
}

/** True for what can be iterated asynchronously. */
export function isBytes(value: unknown): value is InferOutput<GenericSchema<Bytes>> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** All of a small input. Throws `too_large` beyond `limit` bytes; `what` names it in the message. */
export async function readBytes(source: Bytes, limit: number, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > limit)
      throw new PhonectlError('too_large', `${what} is larger than ${limit.toLocaleString('en-US')} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
