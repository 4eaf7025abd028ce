/** The access log, one entry per request (security.md I-07). */
import type { IncomingMessage } from 'node:http';
import { type Handled, loggedPath } from './answers.ts';

/** One line of the access log. Holds no secret and nothing that a phone could break a line with. */
export interface AccessEntry {
  readonly at: string;
  readonly address: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
  readonly ms: number;
  readonly outcome: string;
  readonly device?: string;
  readonly by?: string;
  readonly why?: string;
  readonly agent: string;
}

export interface Answered {
  readonly status: number;
  readonly bytes: number;
  readonly milliseconds: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const LONGEST_AGENT = 256;

export function accessEntry(
  request: IncomingMessage,
  { address, outcome, device, by, why }: Handled,
  { status, bytes, milliseconds, at }: Answered,
): AccessEntry {
  return {
    at: new Date(at).toISOString(),
    address,
    method: request.method ?? '',
    path: loggedPath(request),
    status,
    bytes,
    ms: Math.round(milliseconds * 1000) / 1000,
    outcome,
    ...(device !== undefined && { device }),
    ...(by !== undefined && { by }),
    ...(why !== undefined && { why }),
    agent: (request.headers['user-agent'] ?? '').slice(0, LONGEST_AGENT),
  };
}
