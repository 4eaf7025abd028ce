/**
 * SIP messages (RFC 3261): built so that no value can add a header, read so that no peer can hurt us. Only what a NOTIFY
 * outside a dialogue needs.
 */
import { PhonectlError } from '../../sdk/errors.ts';

export interface SipMessage {
  /** `{method, uri}` of a request, `{status, reason}` of an answer. */
  readonly start:
    | { readonly kind: 'request'; readonly method: string; readonly uri: string }
    | { readonly kind: 'response'; readonly status: number; readonly reason: string };
  /** In order; names in lower case and in their long form. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** Longest message that is read; a UDP packet holds no more. */
export const MAX_MESSAGE = 65_535;
const MAX_HEADERS = 100;

/** RFC 3261 section 7.3.3, RFC 6665 section 8.2. */
const COMPACT: Readonly<Record<string, string>> = {
  c: 'content-type',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
};

/** First value of a header, by its long lower-case name. */
export function header(message: SipMessage, name: string): string | undefined {
  return message.headers.find(([key]) => key === name)?.[1];
}

export interface RequestParts {
  readonly method: string;
  readonly uri: string;
  /** In order, names as they are written on the wire. Content-Length is added. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

/** Bytes of a request. Throws `invalid_input` when a part holds what would end its line. */
export function formatRequest({ method, uri, headers, body = '' }: RequestParts): Buffer {
  const content = Buffer.from(body, 'utf8');
  const lines = [`${token(method, 'method')} ${word(uri)} SIP/2.0`];
  for (const [name, value] of headers) lines.push(`${token(name, 'header name')}: ${line(value, name)}`);
  lines.push(`Content-Length: ${content.length}`, '', '');
  return Buffer.concat([Buffer.from(lines.join('\r\n'), 'utf8'), content]);
}

function token(text: string, what: string): string {
  if (/^[A-Za-z0-9.!%*_+`'~-]+$/.test(text)) return text;
  throw new PhonectlError('invalid_input', `A SIP ${what} cannot be written like that.`);
}

function word(uri: string): string {
  if (/^[\x21-\x7e]+$/.test(uri)) return uri;
  throw new PhonectlError('invalid_input', 'A SIP address cannot hold blanks or control characters.');
}

function line(value: string, name: string): string {
  if (!/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) return value;
  throw new PhonectlError('invalid_input', `The SIP header ${name} cannot hold control characters.`);
}

/** User part of a SIP URI: everything outside RFC 3261's unreserved set is percent-encoded. */
export function escapeUser(user: string): string {
  return encodeURIComponent(user);
}

/** Reads one whole message (a UDP packet). `undefined` when it is none; never throws on any bytes. */
export function parseMessage(bytes: Buffer): SipMessage | undefined {
  const end = headerEnd(bytes);
  if (end === undefined) return undefined;
  const head = readHead(bytes.toString('utf8', 0, end.at));
  if (head === undefined) return undefined;
  const rest = bytes.subarray(end.at + end.length);
  const length = contentLength(head.headers);
  if (length === undefined || length > rest.length) return undefined;
  // RFC 3261 section 18.3: over UDP bytes after Content-Length are padding.
  return { ...head, body: rest.subarray(0, length) };
}

/** How many bytes the first message of a stream takes, 0 when more are needed, `undefined` when it is none. */
export function frameLength(bytes: Buffer): number | undefined {
  const end = headerEnd(bytes);
  if (end === undefined) return bytes.length > MAX_MESSAGE ? undefined : 0;
  const head = readHead(bytes.toString('utf8', 0, end.at));
  const length = head && contentLength(head.headers);
  if (length === undefined || length > MAX_MESSAGE) return undefined;
  const total = end.at + end.length + length;
  return total > bytes.length ? 0 : total;
}

function headerEnd(bytes: Buffer): { at: number; length: number } | undefined {
  if (bytes.length > 2 * MAX_MESSAGE) return undefined;
  const crlf = bytes.indexOf('\r\n\r\n');
  const lf = bytes.indexOf('\n\n');
  if (crlf < 0 && lf < 0) return undefined;
  return lf < 0 || (crlf >= 0 && crlf < lf) ? { at: crlf, length: 4 } : { at: lf, length: 2 };
}

function readHead(text: string): Pick<SipMessage, 'start' | 'headers'> | undefined {
  // A line that begins with a blank continues the one before it (RFC 3261 section 7.3.1).
  const [first = '', ...lines] = text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const start = readStart(first);
  if (start === undefined || lines.length > MAX_HEADERS) return undefined;
  const headers: [string, string][] = [];
  for (const entry of lines) {
    const colon = entry.indexOf(':');
    if (colon < 1) return undefined;
    const name = entry.slice(0, colon).trim().toLowerCase();
    headers.push([COMPACT[name] ?? name, entry.slice(colon + 1).trim()]);
  }
  return { start, headers };
}

function readStart(line: string): SipMessage['start'] | undefined {
  const response = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i.exec(line);
  if (response !== null) return { kind: 'response', status: Number(response[1]), reason: response[2] ?? '' };
  const request = /^([A-Z]{1,32}) (\S+) SIP\/2\.0$/i.exec(line);
  if (request === null) return undefined;
  return { kind: 'request', method: request[1] ?? '', uri: request[2] ?? '' };
}

function contentLength(headers: SipMessage['headers']): number | undefined {
  const value = headers.find(([name]) => name === 'content-length')?.[1] ?? '0';
  return /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}
