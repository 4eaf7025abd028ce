/** From a request to the input of an operation: a JSON body, a query, or a query beside a streamed body. */
import type { IncomingMessage } from 'node:http';
import { isBytesInput } from '../../sdk/bytes.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import { contentDigest } from '../../sdk/keys/signature.ts';
import type { AnyOperation } from '../../sdk/operation.ts';
import type { Limits } from './limits.ts';

/** What of a valibot schema matters here. */
interface SchemaShape {
  readonly type: string;
  readonly entries?: Readonly<Record<string, SchemaShape>>;
  readonly wrapped?: SchemaShape;
  readonly item?: SchemaShape;
}

/** The field of the input that is a stream of bytes, if there is one. */
export function bytesField(operation: AnyOperation): string | undefined {
  const { entries = {} } = operation.input as unknown as SchemaShape;
  return Object.keys(entries).find((name) => isBytesInput(unwrap(entries[name]!)));
}

/** Whether the field of bytes may be left out: then a body of JSON is the input, and no body is a query alone. */
export function bytesAreOptional(operation: AnyOperation, field: string): boolean {
  const { entries = {} } = operation.input as unknown as SchemaShape;
  return entries[field]?.wrapped !== undefined;
}

/** Reads the input. Throws `invalid_input`, `media_type`, `too_large`, `timeout`, `unauthenticated`. */
export async function readInput(
  request: IncomingMessage,
  url: URL,
  operation: AnyOperation,
  limits: Limits,
): Promise<unknown> {
  checkEncoding(request);
  const field = bytesField(operation);
  const type = request.headers['content-type'];
  const isJson = type !== undefined && JSON_TYPE.test(type);
  if (field !== undefined && !(bytesAreOptional(operation, field) && (isJson || !hasBody(request)))) {
    return { ...queryInput(url.searchParams, operation), [field]: uploadOf(request, limits) };
  }
  if (request.method === 'GET') return queryInput(url.searchParams, operation);
  if (type !== undefined && !isJson && hasBody(request)) {
    throw new PhonectlError('media_type', `The body has to be application/json, not ${type.slice(0, 80)}.`, {
      hints: ['Send the input as JSON, with the header Content-Type: application/json.'],
    });
  }
  const body = await readBody(request, limits);
  checkDigest(request, body);
  if (body.length === 0) return queryInput(url.searchParams, operation);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new PhonectlError('invalid_input', 'The body of the request is not JSON in UTF-8.', { cause });
  }
}

const JSON_TYPE = /^application\/json\s*(;|$)/i;

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Nothing is unpacked here: a small request stays small. */
function checkEncoding(request: IncomingMessage): void {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  throw new PhonectlError('media_type', `The body may not be packed (Content-Encoding ${encoding.slice(0, 40)}).`, {
    hints: ['Send it as it is, without the header Content-Encoding.'],
  });
}

/** A digest that was signed, or only sent, has to fit (RFC 9530). */
function checkDigest(request: IncomingMessage, body: Buffer): void {
  const digest = request.headers['content-digest'];
  if (digest === undefined) {
    // A signature that leaves the body out must not carry one in.
    if (request.headers['signature-input'] !== undefined && body.length > 0) {
      throw new PhonectlError('unauthenticated', 'The signature does not cover the body (Content-Digest).');
    }
    return;
  }
  if (digest !== contentDigest(body)) {
    throw new PhonectlError('invalid_input', 'The Content-Digest header does not fit the body.');
  }
}

async function readBody(request: IncomingMessage, limits: Limits): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limits.jsonBody) throw tooLarge(limits.jsonBody);
  const chunks: Buffer[] = [];
  let size = 0;
  const deadline = performance.now() + limits.jsonBodyTime;
  for await (const chunk of piecesOf(request, () => deadline - performance.now())) {
    size += chunk.length;
    if (size > limits.jsonBody) throw tooLarge(limits.jsonBody);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * The pieces of an upload as they come. The clock runs only while we wait for the client, not while it waits for us. Nobody
 * keeps an upload alive by a byte now and then: what comes has to make up for the time that it was waited for.
 */
async function* uploadOf(request: IncomingMessage, limits: Limits): AsyncGenerator<Uint8Array> {
  const { uploadIdleTime: idle, uploadRate } = limits;
  let size = 0;
  let waited = 0;
  try {
    const patience = (): number => Math.min(idle, idle + (size / uploadRate) * 1000 - waited);
    const pieces = piecesOf(request, patience, (time) => {
      waited += time;
    });
    for await (const chunk of pieces) {
      size += chunk.length;
      if (size > limits.upload) throw tooLarge(limits.upload);
      yield chunk;
    }
    if (!request.complete) throw cutOff();
  } catch (error) {
    // Node says ECONNRESET or ABORT_ERR when the client has gone; for the operation it is a file that ends too early.
    if (error instanceof Error && 'code' in error && ['ECONNRESET', 'ABORT_ERR'].includes(String(error.code))) {
      throw cutOff(error);
    }
    throw error;
  }
}

/**
 * The pieces of a body; each is waited for as long as `patience` says, and `waited` hears for how long it was. The
 * connection lives on, to carry the refusal.
 */
async function* piecesOf(
  request: IncomingMessage,
  patience: () => number,
  waited?: (time: number) => void,
): AsyncGenerator<Buffer> {
  const pieces = request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  for (;;) {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(slow()), patience());
    const since = performance.now();
    try {
      const next = await Promise.race([pieces.next(), late.promise]);
      if (next.done) return;
      clearTimeout(timer);
      waited?.(performance.now() - since);
      yield next.value;
    } finally {
      clearTimeout(timer);
    }
  }
}

function cutOff(cause?: unknown): PhonectlError {
  return new PhonectlError('invalid_data', 'The upload ended before it was complete. Nothing of it was used.', {
    cause,
  });
}

function slow(): PhonectlError {
  return new PhonectlError('timeout', 'The body of the request came too slowly.');
}

function tooLarge(limit: number): PhonectlError {
  return new PhonectlError('too_large', `The body of the request is larger than ${limit} bytes.`, {
    details: { limit },
  });
}

/** `?sites=Berlin&sites=Paris&limit=10&all=true`: texts as they are, everything else as JSON. */
function queryInput(query: URLSearchParams, operation: AnyOperation): Record<string, unknown> {
  const { entries = {} } = operation.input as unknown as SchemaShape;
  const input: Record<string, unknown> = {};
  for (const name of new Set(query.keys())) {
    // An unknown name stays a text; the schema refuses it with its name.
    const shape = Object.hasOwn(entries, name) ? unwrap(entries[name]!) : { type: 'string' };
    Object.defineProperty(input, name, { value: queryValue(query.getAll(name), shape), enumerable: true });
  }
  return input;
}

function queryValue(values: readonly string[], shape: SchemaShape): unknown {
  const [first = ''] = values;
  if (shape.type === 'array') {
    const item = shape.item === undefined ? { type: 'string' } : unwrap(shape.item);
    return values.map((value) => scalar(value, item.type));
  }
  if (values.length > 1) return values;
  return scalar(first, shape.type);
}

function scalar(text: string, type: string): unknown {
  if (type === 'string' || type === 'picklist' || type === 'literal') return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    // Left as a text for the schema to accept (a union with a text) or to refuse by name.
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** The schema inside optional, nullable and their like. */
function unwrap(shape: SchemaShape): SchemaShape {
  return shape.wrapped === undefined ? shape : unwrap(shape.wrapped);
}
