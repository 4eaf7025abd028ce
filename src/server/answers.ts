/** Answers without a file, and what the log and the metrics say of an answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServedDevice } from '../sdk/ports/serving.ts';
import type { Outcome } from './metrics.ts';

/** What the log and the metrics say of a request. Secrets never. */
export interface Handled {
  readonly outcome: Outcome;
  readonly address: string;
  readonly device?: string;
  readonly by?: string;
  readonly why?: string;
}

/** A body that nobody reads is let run out up to this size (bytes); a larger one costs the connection. */
const DRAINED = 65_536;

/** Ends with an empty body. A request body that is still coming is let run out, or costs the connection. */
export function end(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | number | string[]>> = {},
): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  const open = !request.complete && (encoding !== undefined || Number(length ?? 0) > DRAINED);
  response.writeHead(status, { 'content-length': 0, ...headers, ...(open && { connection: 'close' }) });
  response.end();
  if (!open) request.resume();
}

export function deviceName({ mac, serial, id }: ServedDevice): string {
  return mac ?? serial ?? String(id);
}

const LONGEST_LOGGED = 256;

/** Without the query, and without an event's secret wherever it stands. */
export function loggedPath(request: IncomingMessage): string {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  return path.replace(/\/e\/[^/]+/g, '/e/…').slice(0, LONGEST_LOGGED);
}
