/**
 * Limits on connections and requests (security.md section f). Generous per address, since two thousand phones may stand
 * behind one; wrong passwords never count against the address that they come from.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { plainAddress } from './networks.ts';

/** Milliseconds. */
export const TIMEOUTS = {
  headers: 10_000,
  /** Uploads have a least speed of their own, see uploads.ts. */
  request: 300_000,
  handshake: 10_000,
  /** A connection on which nothing moves. */
  idle: 15_000,
  keepAlive: 10_000,
  check: 2_000,
} as const;

export interface Limits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Requests that are being answered. */
  readonly requests: number;
}

export const DEFAULT_LIMITS: Limits = { connections: 16_000, connectionsPerAddress: 4_096, requests: 2_000 };

export class Admission {
  readonly #limits: Limits;
  readonly #byAddress = new Map<string, number>();
  #connections = 0;
  #requests = 0;
  refused = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get connections(): number {
    return this.#connections;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Counts the connections of a listener; those beyond the limits are closed before any cryptography. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const address = plainAddress(socket.remoteAddress);
      const count = (this.#byAddress.get(address) ?? 0) + 1;
      if (count > this.#limits.connectionsPerAddress || this.#connections >= this.#limits.connections) {
        this.refused += 1;
        socket.destroy();
        return;
      }
      this.#connections += 1;
      this.#byAddress.set(address, count);
      socket.once('close', () => this.#left(address));
    });
  }

  /** False when too many requests are being answered: the phone is asked to come back. */
  enter(response: ServerResponse): boolean {
    if (this.#requests >= this.#limits.requests) return false;
    this.#requests += 1;
    response.once('close', () => {
      this.#requests -= 1;
    });
    return true;
  }

  #left(address: string): void {
    this.#connections -= 1;
    const count = (this.#byAddress.get(address) ?? 1) - 1;
    if (count === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, count);
  }
}

/** Timeouts and framing of a listener; a request that cannot be read ends its connection. */
export function harden(server: Server): void {
  server.headersTimeout = TIMEOUTS.headers;
  server.requestTimeout = TIMEOUTS.request;
  server.keepAliveTimeout = TIMEOUTS.keepAlive;
  server.timeout = TIMEOUTS.idle;
  server.maxHeadersCount = 100;
  server.on('clientError', (_error: Error, socket: Socket) => {
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    socket.write('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    // Not `end`: who drips on would keep its half of the connection open for ever.
    socket.destroySoon();
  });
  // The answer decides whether the body may come; see `end` in answers.ts.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (Number(request.headers['content-length'] ?? 0) > MOST_EXPECTED) {
      response.writeHead(413, { 'content-length': 0, connection: 'close' }).end();
      return;
    }
    response.writeContinue();
    server.emit('request', request, response);
  });
}

/** Larger bodies than any upload (bytes) are refused before they are sent. */
const MOST_EXPECTED = 16 * 1024 * 1024;
