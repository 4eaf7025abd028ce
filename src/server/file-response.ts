/** Answering with a file as phones ask for it: HEAD, conditions, one range (RFC 9110, sections 13 and 14). */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

export interface FileFacts {
  readonly size: number;
  readonly contentType: string;
  /** With its quotes. */
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

export type FileAnswer =
  | { readonly status: 200 | 206; readonly headers: OutgoingHttpHeaders; readonly start: number; readonly end: number }
  | { readonly status: 304 | 412 | 416; readonly headers: OutgoingHttpHeaders };

/** What to send, without sending it. `end` is exclusive. */
export function answerFor(request: IncomingMessage, file: FileFacts): FileAnswer {
  const common: OutgoingHttpHeaders = {
    etag: file.etag,
    'last-modified': httpDate(file.modified),
    // A phone's file is its own; no cache between us may hand it to another.
    'cache-control': 'private, no-cache',
  };
  const condition = conditionStatus(request, file);
  if (condition !== undefined) return { status: condition, headers: common };
  const headers = { ...common, 'content-type': file.contentType, 'accept-ranges': 'bytes' };
  const range = rangeOf(request, file);
  if (range === 'unsatisfiable') {
    return { status: 416, headers: { ...common, 'content-range': `bytes */${file.size}` } };
  }
  if (range === undefined) {
    return { status: 200, headers: { ...headers, 'content-length': file.size }, start: 0, end: file.size };
  }
  const { start, end } = range;
  return {
    status: 206,
    headers: { ...headers, 'content-length': end - start, 'content-range': `bytes ${start}-${end - 1}/${file.size}` },
    start,
    end,
  };
}

/** Files that were rendered together have the same date; making its text costs more than looking it up. */
let lastDate: { readonly time: number; readonly text: string } | undefined;

function httpDate(time: number): string {
  if (lastDate?.time !== time) lastDate = { time, text: new Date(time).toUTCString() };
  return lastDate.text;
}

function conditionStatus({ headers }: IncomingMessage, { etag, modified }: FileFacts): 304 | 412 | undefined {
  const seconds = Math.floor(modified / 1000);
  const match = headers['if-match'];
  if (match !== undefined) {
    if (!listsTag(match, etag)) return 412;
  } else {
    const since = secondsOf(headers['if-unmodified-since']);
    if (since !== undefined && seconds > since) return 412;
  }
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined) return listsTag(noneMatch, etag) ? 304 : undefined;
  const since = secondsOf(headers['if-modified-since']);
  return since !== undefined && seconds <= since ? 304 : undefined;
}

/** Weakly, as `If-None-Match` wants; our tags are strong, so nothing is lost for `If-Match`. */
function listsTag(header: string, etag: string): boolean {
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}

function secondsOf(date: string | undefined): number | undefined {
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

/** One range; several, or another unit, are answered with the whole file, as RFC 9110 allows. */
function rangeOf(
  { headers, method }: IncomingMessage,
  { size, etag, modified }: FileFacts,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = method === 'GET' ? /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') : null;
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const condition = headers['if-range'];
  if (typeof condition === 'string') {
    const same = condition.startsWith('"') ? condition === etag : secondsOf(condition) === Math.floor(modified / 1000);
    if (!same) return undefined;
  }
  const first = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const last = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (first >= size || (match[1] === '' && Number(match[2]) === 0)) return 'unsatisfiable';
  return last < first ? undefined : { start: first, end: last + 1 };
}

/** Sends bytes that are in memory. */
export function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  file: FileFacts & { readonly latin1?: string },
  body: Uint8Array,
): FileAnswer {
  const answer = answerFor(request, file);
  response.writeHead(answer.status, answer.headers);
  const whole = 'start' in answer && answer.start === 0 && answer.end === body.length;
  if (request.method === 'HEAD' || !('start' in answer)) response.end();
  else if (whole && file.latin1 !== undefined) response.end(file.latin1, 'latin1');
  else response.end(whole ? body : body.subarray(answer.start, answer.end));
  return answer;
}
