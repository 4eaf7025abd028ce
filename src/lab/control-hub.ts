/**
 * The listening side of the phones: a TCP listener on each phone's own address, behind them one HTTP server.
 *
 * A phone's certificate and TLS context are made when somebody first knocks, so that thousands of listeners are cheap.
 * The first byte tells TLS from plain HTTP: phones offer both, and here they share a port.
 */
import http from 'node:http';
import net from 'node:net';
import tls from 'node:tls';
import { LabError, messageOf } from './errors.ts';
import type { LabFaults } from './types.ts';

export interface ControlRequest {
  method: string;
  /** Percent-encoded, without the query. */
  path: string;
  /** What follows the `?`, undecoded. */
  query: string;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  remoteAddress: string;
  secure: boolean;
}

export interface ControlReply {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
}

/** What the hub must know of a phone. */
export interface ControlTarget {
  readonly mac: string;
  readonly address: string;
  readonly faults: LabFaults;
  secureContext(): Promise<tls.SecureContext>;
  control(request: ControlRequest): Promise<ControlReply>;
}

interface Door {
  target: ControlTarget;
  server: net.Server;
  sockets: Set<net.Socket>;
}

/** A phone's web server takes configuration imports, but no films. */
const LARGEST_REQUEST = 5_000_000;

export class ControlHub {
  readonly #doors = new Map<string, Door>();
  readonly #byConnection = new WeakMap<net.Socket, ControlTarget>();
  readonly #http: http.Server;

  constructor() {
    this.#http = http.createServer({ keepAliveTimeout: 5_000, requestTimeout: 30_000 }, (request, response) => {
      this.#answer(request, response).catch((error: unknown) =>
        response.destroy(error instanceof Error ? error : undefined),
      );
    });
    this.#http.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Opens a phone's control interface. Returns its port. Rejects when the address or the port cannot be had. */
  async open(target: ControlTarget, port: number): Promise<number> {
    const door: Door = { target, server: net.createServer(), sockets: new Set() };
    door.server.on('connection', (socket) => this.#accept(door, socket));
    await new Promise<void>((resolve, reject) => {
      door.server.once('error', (error) => reject(addressError(error, target.address, port)));
      door.server.listen({ host: target.address, port, backlog: 16 }, resolve);
    });
    this.#doors.set(target.mac, door);
    return (door.server.address() as net.AddressInfo).port;
  }

  /** Closes the listener and cuts every connection, as a phone does that loses its power. */
  close(mac: string): void {
    const door = this.#doors.get(mac);
    if (door === undefined) return;
    this.#doors.delete(mac);
    door.server.close();
    for (const socket of door.sockets) socket.destroy();
  }

  stop(): void {
    for (const mac of [...this.#doors.keys()]) this.close(mac);
    this.#http.close();
    this.#http.closeAllConnections();
  }

  #accept(door: Door, socket: net.Socket): void {
    door.sockets.add(socket);
    socket.on('close', () => door.sockets.delete(socket));
    // Callers go away when they like; a phone does not mind.
    socket.on('error', () => socket.destroy());
    if (door.target.faults.hang === true) return;
    socket.setTimeout(30_000, () => socket.destroy());
    socket.once('readable', () => {
      const first = socket.read() as Buffer | null;
      if (first === null) return;
      socket.unshift(first);
      socket.setTimeout(0);
      if (first[0] === 0x16) void this.#startTls(door.target, socket);
      else this.#serve(door.target, socket);
    });
  }

  async #startTls(target: ControlTarget, socket: net.Socket): Promise<void> {
    const secureContext = await target.secureContext();
    if (socket.destroyed) return;
    const secured = new tls.TLSSocket(socket, { isServer: true, secureContext });
    secured.on('error', () => socket.destroy());
    this.#serve(target, secured);
  }

  #serve(target: ControlTarget, socket: net.Socket): void {
    this.#byConnection.set(socket, target);
    this.#http.emit('connection', socket);
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const target = this.#byConnection.get(request.socket);
    if (target === undefined) throw new LabError('no_phone', 'a request on a connection that no phone took');
    const body = await readBody(request);
    if (body === null) {
      response.writeHead(413, { Connection: 'close' }).end();
      return;
    }
    if (target.faults.hang === true) return;
    const [path = '', query = ''] = splitOnce(request.url ?? '/', '?');
    const reply = await target.control({
      method: request.method ?? 'GET',
      path,
      query,
      headers: request.headers,
      body,
      remoteAddress: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
      secure: request.socket instanceof tls.TLSSocket,
    });
    if (response.destroyed) return;
    if (target.faults.endlessBody === true) {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' });
      pourOut(response);
      return;
    }
    const payload = Buffer.from(reply.body ?? '');
    if (target.faults.halfAnswer === true) {
      response.writeHead(reply.status, { ...reply.headers, 'Content-Length': payload.length + 1 });
      response.write(payload.subarray(0, payload.length / 2), () => request.socket.destroy());
      return;
    }
    response.writeHead(reply.status, { ...reply.headers, 'Content-Length': payload.length });
    response.end(request.method === 'HEAD' ? undefined : payload);
  }
}

/** The whole body, or null when it is larger than a phone takes. */
async function readBody(request: http.IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_REQUEST) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Writes without end, as fast as the other side reads. */
function pourOut(response: http.ServerResponse): void {
  const chunk = Buffer.alloc(16_384, 'x');
  function more(): void {
    while (!response.destroyed && response.write(chunk));
  }
  response.on('drain', more);
  more();
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Says in plain words why a listener could not be opened. */
export function addressError(error: unknown, address: string, port: number): LabError {
  return new LabError('address_in_use', `cannot listen on ${address}:${port}: ${messageOf(error)}`, { cause: error });
}
