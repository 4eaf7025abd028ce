/** Receives syslog from phones over UDP, TCP and TLS, and files it by device. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { createServer as createSecureServer, type TlsOptions } from 'node:tls';
import { formatListen, type ListenAddress } from '../listen.ts';
import { SyslogFiles, UNKNOWN } from './files.ts';
import { parseSyslog, SyslogFrames } from './message.ts';

export interface SyslogOptions {
  /** UDP and TCP on the same port. */
  readonly plain?: ListenAddress;
  readonly secure?: { readonly listen: ListenAddress; readonly tls: TlsOptions };
  readonly folder: string;
  readonly now: () => number;
  /** The device with one of these MACs, else the only one that is seen at the address. */
  readonly deviceOf: (macs: readonly string[], address: string) => Promise<number | undefined>;
  /** Hears what the phones of known devices say, and from where. */
  readonly onLine?: (deviceId: number, address: string, text: string) => Promise<void>;
  readonly onTrouble: (message: string) => void;
}

/** Messages of one address that are taken per second; phones at the highest level send some dozens. */
const MOST_PER_SECOND = 200;
const MOST_CONNECTIONS = 5000;
/** Milliseconds. */
const FLUSH = 500;
const PRUNE = 3_600_000;
/** A device's address is asked for again after this time. Milliseconds. */
const REMEMBERED = 60_000;
const IDLE = 600_000;

export interface SyslogStatistics {
  received: number;
  /** More than one address may send in a second, or a device may fill in a day. */
  dropped: number;
}

export class SyslogReceiver implements AsyncDisposable {
  readonly addresses: { readonly kind: 'syslog' | 'syslog-tls'; readonly address: string; readonly port: number }[] =
    [];
  readonly statistics: SyslogStatistics = { received: 0, dropped: 0 };
  readonly #options: SyslogOptions;
  readonly #files: SyslogFiles;
  readonly #closers: (() => Promise<void> | void)[] = [];
  readonly #known = new Map<string, { readonly owner: string; readonly until: number }>();
  #second = 0;
  #counts = new Map<string, number>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: SyslogOptions) {
    this.#options = options;
    this.#files = new SyslogFiles(options.folder);
  }

  /** Throws what listening throws. */
  static async start(options: SyslogOptions): Promise<SyslogReceiver> {
    const receiver = new SyslogReceiver(options);
    try {
      if (options.plain !== undefined) await receiver.#listenPlain(options.plain);
      if (options.secure !== undefined) {
        const { listen, tls } = options.secure;
        await receiver.#listenStream(createSecureServer(tls), listen, 'secureConnection', 'syslog-tls');
      }
    } catch (error) {
      await receiver[Symbol.asyncDispose]();
      throw error;
    }
    receiver.#every(FLUSH, () => receiver.#files.flush());
    receiver.#every(PRUNE, () => receiver.#files.prune(options.now()));
    return receiver;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers.splice(0)) await close();
    await this.#writing;
    await this.#files.flush();
  }

  async #listenPlain(address: ListenAddress): Promise<void> {
    const port = await this.#listenStream(createServer(), address, 'connection', 'syslog');
    const socket: Socket = createSocket({ type: address.host.includes(':') ? 'udp6' : 'udp4' });
    socket.on('message', (bytes, { address: from }) => this.#take(bytes, from));
    socket.bind(port, address.host);
    await once(socket, 'listening');
    this.#closers.push(() => new Promise((resolve) => socket.close(() => resolve())));
  }

  async #listenStream(
    server: Server,
    { host, port }: ListenAddress,
    event: 'connection' | 'secureConnection',
    kind: 'syslog' | 'syslog-tls',
  ): Promise<number> {
    const sockets = new Set<import('node:net').Socket>();
    server.maxConnections = MOST_CONNECTIONS;
    server.on('tlsClientError', (_error, socket: import('node:net').Socket) => socket.destroy());
    server.on(event, (socket: import('node:net').Socket) => {
      const frames = new SyslogFrames();
      const from = socket.remoteAddress ?? '';
      sockets.add(socket);
      socket.setTimeout(IDLE, () => socket.destroy());
      socket.on('data', (chunk: Buffer) => {
        const messages = frames.push(chunk);
        for (const message of messages ?? []) this.#take(message, from);
        if (messages === undefined) socket.destroy();
      });
      // A phone that loses power ends its connection in whatever way.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    });
    server.listen(port, host);
    await once(server, 'listening');
    const bound = (server.address() as import('node:net').AddressInfo).port;
    this.addresses.push({ kind, address: formatListen({ host, port: bound }), port: bound });
    this.#closers.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    });
    return bound;
  }

  #take(bytes: Uint8Array, from: string): void {
    this.statistics.received += 1;
    const address = from.replace(/^::ffff:/, '');
    const now = this.#options.now();
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts = new Map();
    }
    const count = (this.#counts.get(address) ?? 0) + 1;
    this.#counts.set(address, count);
    if (count > MOST_PER_SECOND) {
      this.statistics.dropped += 1;
      return;
    }
    const { severity, macs, text } = parseSyslog(bytes);
    const line = `${new Date(now).toISOString()} ${address} ${severity ?? '-'} ${text}`;
    this.#writing = this.#writing
      .then(() => this.#ownerOf(macs, address, now))
      .then(async (owner) => {
        if (!this.#files.add(owner, now, line)) this.statistics.dropped += 1;
        if (owner !== UNKNOWN) await this.#options.onLine?.(Number(owner), address, text);
      })
      .catch((error: unknown) => this.#trouble(error));
  }

  async #ownerOf(macs: readonly string[], address: string, now: number): Promise<string> {
    const key = `${macs.join(' ')} ${address}`;
    const known = this.#known.get(key);
    if (known !== undefined && known.until > now) return known.owner;
    if (this.#known.size > 100_000) this.#known.clear();
    const id = await this.#options.deviceOf(macs, address);
    const owner = id === undefined ? UNKNOWN : String(id);
    this.#known.set(key, { owner, until: now + REMEMBERED });
    return owner;
  }

  #every(milliseconds: number, work: () => Promise<void>): void {
    const timer = setInterval(() => {
      this.#writing = this.#writing.then(work).catch((error: unknown) => this.#trouble(error));
    }, milliseconds);
    this.#closers.push(() => clearInterval(timer));
  }

  #trouble(error: unknown): void {
    this.#options.onTrouble(`Syslog cannot be kept: ${error instanceof Error ? error.message : String(error)}`);
  }
}
