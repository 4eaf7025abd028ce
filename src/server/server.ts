/** `phonectl serve`: puts the parts together, listens, and stops without dropping what it has begun. */
import { randomBytes } from 'node:crypto';
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import { readIdentities } from '../sdk/certificates/identity.ts';
import { configurationLayers, type LayerProvider } from '../sdk/configuration/layers.ts';
import type { Installation } from '../sdk/door.ts';
import { PhonectlError } from '../sdk/errors.ts';
import type { Fact, FactWriter } from '../sdk/ports/facts.ts';
import type { ServingReader } from '../sdk/ports/serving.ts';
import { driverOf } from '../vendors/registry.ts';
import { Access } from './access.ts';
import { type AccessEntry, accessEntry } from './access-entry.ts';
import { end, type Handled } from './answers.ts';
import { Authenticator } from './authentication.ts';
import { Bootstrap } from './bootstrap.ts';
import { watchCertificates } from './certificate-watch.ts';
import { Admission, DEFAULT_LIMITS, harden, type Limits } from './connections.ts';
import { Delivery } from './delivery.ts';
import { Fleet } from './fleet.ts';
import { CountedResponse, HTTP_OPTIONS } from './http-options.ts';
import { Learning } from './learning.ts';
import { formatListen, type ListenAddress, listen } from './listen.ts';
import { Metrics } from './metrics.ts';
import { metricsServer } from './metrics-listener.ts';
import { Networks, plainAddress } from './networks.ts';
import { Provisioning } from './provisioning.ts';
import { Receiver } from './receiver.ts';
import { RenderCache } from './render-cache.ts';
import { StoredFiles } from './stored-files.ts';
import { contextOptions, listenerOptions, type TlsMaterial } from './tls.ts';
import { Tree } from './tree.ts';
import { Uploads } from './uploads.ts';

export interface ServerOptions {
  readonly listen: readonly ListenAddress[];
  readonly bootstrap?: { readonly listen: ListenAddress; readonly networks: readonly string[] };
  readonly legacy?: { readonly listen: ListenAddress; readonly networks: readonly string[] };
  readonly metrics?: ListenAddress;
  /** Folder of plain files under the rendered ones. */
  readonly tree?: string;
  /** Networks of proxies whose headers are believed. */
  readonly proxies: readonly string[];
  /** Several processes may listen on the same address. */
  readonly reusePort: boolean;
  readonly limits?: Limits;
  /** Bytes of rendered files that are kept. */
  readonly cacheBytes?: number;
  /** Called for every answered request. */
  readonly onAccess?: (entry: AccessEntry) => void;
  /** Called after certificates were read again, for other listeners that show them. */
  readonly onReload?: () => void;
  /** Called when something needs an operator: certificates could not be read again, the store refuses writes. */
  readonly onTrouble?: (message: string) => void;
}

export type { AccessEntry } from './access-entry.ts';

export interface RunningServer {
  /** `https://[::]:8443` and so on, for people and for tests that let the system choose a port. */
  readonly addresses: readonly {
    readonly kind: 'https' | 'legacy' | 'bootstrap' | 'metrics';
    readonly address: string;
    readonly port: number;
  }[];
  readonly metrics: Metrics;
  /** Has the server's writer note what was learnt of a phone elsewhere; see `FactWriter.note`. */
  note(fact: Fact): void;
  /** Reads certificates again; connections go on with the ones that they have. */
  reload(): void;
  /** Stops listening, lets requests end, writes what was learnt. */
  close(): Promise<void>;
}

const CACHE_BYTES = 128 * 1024 * 1024;
/** So long may a request still run when the server stops (milliseconds). */
const GRACE = 10_000;
const RETRY_AFTER = 10;
/** How often the writer is asked how it is (milliseconds). */
const LOOKED_AFTER = 5_000;

/** Starts the server. Throws `address_in_use`, `certificate`, `conflict` and what opening the home throws. */
export async function startServer(installation: Installation, options: ServerOptions): Promise<RunningServer> {
  const reader = await installation.store.serving();
  const writer = await installation.store.factWriter();
  const server = new ProvisioningServer(installation, options, reader, writer);
  try {
    await server.start();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

class ProvisioningServer implements RunningServer {
  readonly addresses: { kind: 'https' | 'legacy' | 'bootstrap' | 'metrics'; address: string; port: number }[] = [];
  readonly metrics = new Metrics();
  readonly #installation: Installation;
  readonly #options: ServerOptions;
  readonly #reader: ServingReader;
  readonly #writer: FactWriter;
  readonly #fleet: Fleet;
  readonly #admission: Admission;
  readonly #servers: Server[] = [];
  readonly #tls: { server: https.Server; legacy: boolean }[] = [];
  readonly #stops: (() => void)[] = [];
  readonly #cache: RenderCache;
  readonly #layers: readonly LayerProvider[];

  constructor(installation: Installation, options: ServerOptions, reader: ServingReader, writer: FactWriter) {
    const { clock, secrets, home } = installation;
    this.#installation = installation;
    this.#options = options;
    this.#reader = reader;
    this.#writer = writer;
    this.#admission = new Admission(options.limits ?? DEFAULT_LIMITS);
    this.#cache = new RenderCache({ limit: options.cacheBytes ?? CACHE_BYTES, now: clock.now });
    this.#layers = configurationLayers(installation.store.read, secrets);
    this.#fleet = new Fleet({
      reader,
      layers: this.#layers,
      secrets,
      home,
      now: clock.now,
      monotonic: clock.monotonic,
      onTrustChange: () => this.reload(),
    });
  }

  async start(): Promise<void> {
    const { listen: addresses, legacy, bootstrap, metrics } = this.#options;
    await this.#fleet.refresh();
    const provisioning = await this.#provisioning();
    const handler = this.#handler((request, response) => provisioning.handle(request, response));
    for (const address of addresses) await this.#listen('https', this.#secure(false, handler), address);
    if (legacy !== undefined) {
      const server = this.#secure(true, handler);
      restrict(server, new Networks(legacy.networks));
      await this.#listen('legacy', server, legacy.listen);
    }
    if (bootstrap !== undefined) {
      const files = new Bootstrap(this.#fleet, new Networks(bootstrap.networks));
      const server = http.createServer(
        HTTP_OPTIONS,
        this.#handler((request, response) => files.handle(request, response)),
      );
      await this.#listen('bootstrap', server, bootstrap.listen);
    }
    if (metrics !== undefined)
      await this.#listen(
        'metrics',
        metricsServer(this.metrics, { admission: this.#admission, cache: this.#cache, writer: this.#writer }),
        metrics,
      );
    this.#stops.push(watchCertificates(this.#installation.home.file('tls'), () => this.reload()));
    this.#watchWriter();
  }

  note(fact: Fact): void {
    this.#writer.note(fact);
  }

  reload(): void {
    this.#fleet.invalidate();
    try {
      for (const { server, legacy } of this.#tls) {
        const material = this.#material(legacy);
        server.setSecureContext(contextOptions(material));
        // Sessions that were agreed on under the old authorities end; `requestCert` is read for every new connection.
        server.setTicketKeys(randomBytes(48));
        Object.assign(server, { requestCert: material.trusted.length > 0 });
      }
      this.#options.onReload?.();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#options.onTrouble?.(`The certificates could not be read again, the old ones stay in use: ${why}`);
    }
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    const closed = this.#servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeIdleConnections();
        }),
    );
    const timer = setTimeout(() => {
      for (const server of this.#servers) server.closeAllConnections();
    }, GRACE);
    await Promise.all(closed);
    clearTimeout(timer);
    await this.#writer.close();
  }

  async #provisioning(): Promise<Provisioning> {
    const { clock, secrets, home } = this.#installation;
    const { tree, proxies } = this.#options;
    const reader = this.#reader;
    const writer = this.#writer;
    const fleet = this.#fleet;
    const now = clock.now;
    const access = new Access({ reader, writer });
    const learning = new Learning(writer);
    const uploads = new Uploads({ folder: home.file('uploads'), reader, writer, now });
    const delivery = new Delivery({
      fleet,
      access,
      learning,
      now,
      cache: this.#cache,
      uploads,
      tree: tree === undefined ? undefined : await openTree(tree),
      stored: new StoredFiles({
        home,
        reader,
        monotonic: clock.monotonic,
        onTrouble: (message) => this.#options.onTrouble?.(message),
      }),
      source: {
        reader,
        secrets,
        now,
        layers: this.#layers,
        driverOf: (vendor) => driverOf(vendor, home),
        addCredentials: (credentials) => writer.addCredentials(credentials),
      },
    });
    return new Provisioning({
      fleet,
      access,
      delivery,
      learning,
      now,
      authenticator: new Authenticator({ reader, secrets, now, sharedAccount: () => fleet.sharedAccount }),
      receiver: new Receiver({ reader, writer, uploads, secrets, now, driver: (vendor) => fleet.driver(vendor) }),
      proxies: proxies.length === 0 ? undefined : new Networks(proxies),
    });
  }

  #handler(
    handle: (request: IncomingMessage, response: ServerResponse) => Promise<Handled>,
  ): (request: IncomingMessage, response: ServerResponse) => void {
    return (request, response) => {
      const started = this.#installation.clock.monotonic();
      if (!this.#admission.enter(response)) {
        end(request, response, 503, { 'retry-after': RETRY_AFTER, connection: 'close' });
        this.metrics.request('refused', 503, 0, 0);
        return;
      }
      // A phone that hangs up while it sends or reads is everyday life, not an error to fall over.
      request.on('error', () => response.destroy());
      response.on('error', () => response.destroy());
      const address = plainAddress(request.socket.remoteAddress);
      const handled = handle(request, response).catch((error: unknown): Handled => {
        if (!response.headersSent) end(request, response, 503, { 'retry-after': RETRY_AFTER });
        return { outcome: 'error', address, why: error instanceof Error ? error.message : String(error) };
      });
      response.on('close', () => {
        void handled.then((result) => this.#log(request, response, result, started));
      });
    };
  }

  #log(request: IncomingMessage, response: ServerResponse, handled: Handled, started: number): void {
    const milliseconds = this.#installation.clock.monotonic() - started;
    const bytes = response instanceof CountedResponse && request.method !== 'HEAD' ? response.bodyBytes : 0;
    const status = response.headersSent ? response.statusCode : 499;
    this.metrics.request(handled.outcome, status, milliseconds, bytes);
    const { onAccess } = this.#options;
    onAccess?.(accessEntry(request, handled, { status, bytes, milliseconds, at: this.#installation.clock.now() }));
  }

  #secure(legacy: boolean, handler: http.RequestListener): Server {
    const server = https.createServer({ ...HTTP_OPTIONS, ...listenerOptions(this.#material(legacy)) }, handler);
    // A failed handshake is the phone's business; without this, Node counts on us to close the socket.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#tls.push({ server, legacy });
    return server;
  }

  #material(legacy: boolean): TlsMaterial {
    const { home, secrets } = this.#installation;
    return { identities: readIdentities(home, secrets), trusted: this.#fleet.certificates.pems, legacy };
  }

  async #listen(
    kind: 'https' | 'legacy' | 'bootstrap' | 'metrics',
    server: Server,
    address: ListenAddress,
  ): Promise<void> {
    harden(server);
    this.#admission.watch(server);
    const bound = await listen(server, address, this.#options.reusePort);
    this.#servers.push(server);
    const scheme = kind === 'https' || kind === 'legacy' ? 'https' : 'http';
    this.addresses.push({ kind, address: `${scheme}://${formatListen(bound)}`, port: bound.port });
  }

  /** The store's trouble is the operator's: phones are served meanwhile, but nothing is learnt and nobody can enrol. */
  #watchWriter(): void {
    let told: string | undefined;
    const timer = setInterval(() => {
      const { trouble } = this.#writer.statistics();
      if (trouble !== undefined && trouble !== told) {
        this.#options.onTrouble?.(`What phones report cannot be written yet, and is kept: ${trouble}`);
      }
      if (trouble === undefined && told !== undefined)
        this.#options.onTrouble?.('What phones report is written again.');
      told = trouble;
    }, LOOKED_AFTER);
    this.#stops.push(() => clearInterval(timer));
  }
}

function restrict(server: Server, networks: Networks): void {
  server.prependListener('connection', (socket) => {
    if (!networks.has(plainAddress(socket.remoteAddress))) socket.destroy();
  });
}

async function openTree(folder: string): Promise<Tree> {
  try {
    return await Tree.open(folder);
  } catch (cause) {
    throw new PhonectlError('not_found', `The folder ${folder} for --tree cannot be opened.`, { cause });
  }
}
