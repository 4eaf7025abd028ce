/** Answers: one JSON document, or a stream that the client's reading paces. */
import type { ServerResponse } from 'node:http';
import { PhonectlError } from '../../sdk/errors.ts';
import type { Limits } from './limits.ts';
import { PROBLEM_TYPE, type Problem, retryAfter } from './problems.ts';

/** Nothing here is for a browser, and nothing may be kept: answers hold the fleet. No CORS headers, ever. */
const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
} as const;

export function prepareResponse(response: ServerResponse): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
}

export function sendJson(response: ServerResponse, status: number, value: unknown, type = 'application/json'): void {
  sendText(response, status, `${JSON.stringify(value ?? null)}\n`, type);
}

export function sendText(response: ServerResponse, status: number, text: string, type: string): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(response.req.method === 'HEAD' ? undefined : text);
}

export function sendProblem(response: ServerResponse, problem: Problem): void {
  const seconds = retryAfter(problem);
  if (seconds !== undefined) response.setHeader('retry-after', seconds);
  if (problem.status === 401) response.setHeader('www-authenticate', 'Bearer realm="phonectl"');
  sendJson(response, problem.status, problem, PROBLEM_TYPE);
}

const CHUNK = 32 * 1024;

/** Writes a stream: small pieces together, waiting for the reader, with a sign of life when there is nothing to say. */
export class StreamWriter {
  readonly #response: ServerResponse;
  readonly #limits: Limits;
  readonly #type: string;
  #text = '';
  #scheduled = false;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(response: ServerResponse, type: string, limits: Limits) {
    this.#response = response;
    this.#type = type;
    this.#limits = limits;
  }

  /** Sends the head of the answer. Until then an error can still be an answer of its own. */
  start(heartbeat: boolean): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { 'content-type': this.#type });
    this.#response.flushHeaders();
    if (heartbeat) {
      this.#heartbeat = setInterval(() => {
        if (this.#response.writableLength === 0) this.#response.write('\n');
      }, this.#limits.heartbeat);
      this.#heartbeat.unref();
    }
  }

  /** Adds a piece. Returns a promise when the reader has to catch up; throws when it has gone or sleeps. */
  write(piece: string | Uint8Array): Promise<void> | undefined {
    if (typeof piece !== 'string') {
      this.#flush();
      return this.#response.write(piece) ? undefined : this.#drained();
    }
    this.#text += piece;
    if (this.#text.length >= CHUNK) return this.#flush() ? undefined : this.#drained();
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#flush();
      });
    }
    return undefined;
  }

  end(): void {
    clearInterval(this.#heartbeat);
    this.#flush();
    this.#response.end();
  }

  /** Breaks the answer off, so that nobody takes a part for the whole. */
  abort(): void {
    clearInterval(this.#heartbeat);
    this.#response.destroy();
  }

  #flush(): boolean {
    const text = this.#text;
    this.#text = '';
    if (text === '' || this.#response.destroyed) return true;
    return this.#response.write(text);
  }

  async #drained(): Promise<void> {
    const response = this.#response;
    if (response.destroyed) throw gone();
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error): void => {
        clearTimeout(timer);
        response.off('drain', onDrain);
        response.off('close', onClose);
        if (error) reject(error);
        else resolve();
      };
      const onDrain = (): void => done();
      const onClose = (): void => done(gone());
      const timer = setTimeout(() => {
        response.destroy();
        done(gone());
      }, this.#limits.stallTime);
      response.once('drain', onDrain);
      response.once('close', onClose);
    });
  }
}

function gone(): PhonectlError {
  return new PhonectlError('unreachable', 'The client has gone, or does not read.');
}
