/**
 * The management API: HTTPS on a listener of its own, every path derived from the table of operations.
 *
 *     POST /v1/<noun>/<verb>          any operation; input as JSON, or as a query beside an uploaded body
 *     GET  /v1/<noun>/<verb>?…        an operation that only reads
 *     GET  /v1/operations/<run>       a write that was started; /events for what it says, DELETE to end it
 *     GET  /v1/openapi.json           all of this, for machines; needs no credentials
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { Gatekeeper, principalName } from '../../sdk/access/gatekeeper.ts';
import { readIdentities } from '../../sdk/certificates/identity.ts';
import type { Installation } from '../../sdk/door.ts';
import { isPhonectlError, PhonectlError } from '../../sdk/errors.ts';
import type { OperationTable } from '../../sdk/operation.ts';
import { formatListen, type ListenAddress, listen } from '../listen.ts';
import type { AccessEntry } from '../server.ts';
import { contextOptions } from '../tls.ts';
import { type AddressReader, addressReader, normalAddress, proxyReader } from './address.ts';
import { Admission, Connections } from './admission.ts';
import { answerRun } from './answers.ts';
import { answerCall } from './calls.ts';
import { readCredentials } from './credentials.ts';
import { Idempotency } from './idempotency.ts';
import { bytesField } from './input.ts';
import { LIMITS, type Limits } from './limits.ts';
import type { Machinery, Request } from './machinery.ts';
import { prepareResponse, sendJson, sendProblem } from './output.ts';
import { allows, noPath, parseTarget } from './paths.ts';
import { toProblem } from './problems.ts';
import { endedByOwner, noRun, Runs } from './runs.ts';
import { Watch } from './watch.ts';

export interface ApiOptions {
  /** Port 0 picks a free one. */
  readonly listen: ListenAddress;
  readonly reusePort?: boolean;
  /** Subnets of the proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
  readonly limits?: Partial<Limits>;
  /** One call for each request that was answered. */
  readonly onAccess?: (entry: AccessEntry) => void;
  /** What broke on our side: errors that are not answers. */
  readonly onError?: (error: unknown) => void;
}

export interface Api {
  /** `https://[::]:8445` */
  readonly address: string;
  readonly port: number;
  /** Reads the certificates of the home again; connections go on with the ones that they have. */
  reload(): void;
  /** Ends: no new requests, running ones may finish within `grace` milliseconds. */
  close(grace?: number): Promise<void>;
}

/** Starts listening. Throws `address_in_use`, `certificate`, `forbidden`, `invalid_input`. */
export async function startApi(installation: Installation, options: ApiOptions): Promise<Api> {
  const { createServer } = await import('node:https');
  const limits: Limits = { ...LIMITS, ...options.limits };
  const listener = await Listener.create(installation, options, limits);
  const server = createServer(
    {
      ...tlsOf(installation),
      maxHeaderSize: limits.headerSize,
      headersTimeout: limits.headersTime,
      // Bodies have clocks of their own: an import may take an hour, a JSON body may not.
      requestTimeout: 0,
      handshakeTimeout: limits.handshakeTime,
      connectionsCheckingInterval: 2_000,
      keepAliveTimeout: 65_000,
    },
    (request, response) => void listener.handle(request, response),
  );
  server.maxConnections = limits.connections;
  const connections = new Connections(limits.connectionsOfAddress);
  const isProxy = proxyReader(options.trustedProxies ?? []);
  // Before the handshake, which is what connections cost; so there is no answer either.
  server.on('connection', (socket: Socket) => {
    const address = normalAddress(socket.remoteAddress ?? '');
    if (isProxy(address)) return;
    const leave = connections.enter(address);
    if (leave === undefined) socket.destroy();
    else socket.once('close', leave);
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  const bound = await listen(server, options.listen, options.reusePort ?? false);
  return {
    address: `https://${formatListen(bound)}`,
    port: bound.port,
    reload: () => server.setSecureContext(tlsOf(installation)),
    async close(grace = 5_000) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await listener.finish(grace);
      const timer = setTimeout(() => server.closeAllConnections(), 1_000);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** The certificates that phones see too; no client certificates are asked for. */
function tlsOf({ home, secrets }: Installation): SecureContextOptions {
  return contextOptions({ identities: readIdentities(home, secrets), trusted: [], legacy: false });
}

class Listener {
  readonly #machinery: Machinery;
  readonly #admission: Admission;
  readonly #sourceOf: AddressReader;
  readonly #operations: OperationTable;
  readonly #options: ApiOptions;
  readonly #watch: Watch;
  #underWay = 0;
  #document: string | undefined;

  private constructor(installation: Installation, operations: OperationTable, options: ApiOptions, limits: Limits) {
    const report = (error: unknown): void => {
      if (!isPhonectlError(error) || error.code === 'unexpected') options.onError?.(error);
    };
    const gatekeeper = new Gatekeeper(installation);
    this.#watch = new Watch(gatekeeper, limits.recheck, report);
    this.#operations = operations;
    this.#options = options;
    this.#sourceOf = addressReader(options.trustedProxies ?? []);
    this.#admission = new Admission(limits, installation.clock);
    this.#machinery = {
      installation,
      gatekeeper,
      runs: new Runs(installation.clock),
      idempotency: new Idempotency(installation, limits),
      watch: this.#watch,
      limits,
      report,
    };
  }

  static async create(installation: Installation, options: ApiOptions, limits: Limits): Promise<Listener> {
    if (installation.operations === undefined) {
      throw new PhonectlError('unexpected', 'The API needs an installation that knows its operations.');
    }
    return new Listener(installation, await installation.operations(), options, limits);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const { socket } = request;
    const written = socket.bytesWritten;
    const address = this.#sourceOf(request);
    let caller = 'anonymous';
    this.#underWay += 1;
    // Without a listener an aborted request would end the process.
    request.on('error', () => {});
    prepareResponse(response);
    try {
      await this.#route(request, response, address, (name) => {
        caller = name;
      });
    } catch (error) {
      this.#machinery.report(error);
      this.#refuse(request, response, error);
    } finally {
      this.#underWay -= 1;
      this.#options.onAccess?.({
        at: new Date(this.#machinery.installation.clock.now()).toISOString(),
        address,
        method: request.method ?? '',
        // Without the query, which may hold names and numbers.
        path: (request.url ?? '').split('?', 1)[0]!.slice(0, 200),
        status: response.statusCode,
        bytes: socket.bytesWritten - written,
        ms: Math.round(performance.now() - started),
        outcome: 'api',
        by: caller,
        agent: (request.headers['user-agent'] ?? '').slice(0, 256),
      });
    }
  }

  /** The problem as the answer. What is still being uploaded is read away for a while, so that the answer arrives. */
  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (!request.complete) {
      response.setHeader('connection', 'close');
      // Whoever was reading it has left; with their listener on it the stream would not flow.
      request.removeAllListeners('readable').resume();
      const timer = setTimeout(() => request.destroy(), 2_000);
      request.once('close', () => clearTimeout(timer));
    }
    const problem = toProblem(error);
    // Somebody who does not finish the question is not somebody who waited in vain for an answer.
    sendProblem(response, problem.code === 'timeout' && !request.complete ? { ...problem, status: 408 } : problem);
  }

  async #route(
    request: IncomingMessage,
    response: ServerResponse,
    source: string,
    learn: (caller: string) => void,
  ): Promise<void> {
    const url = parseTarget(request.url ?? '');
    const segments = url.pathname.split('/').slice(1);
    if (segments[0] !== 'v1') throw noPath();
    if (segments[1] === 'openapi.json' && segments.length === 2) {
      if (allows(request, response, 'GET', 'HEAD')) await this.#sendDocument(response);
      return;
    }
    const principal = await this.#recognise(request, source);
    learn(principal.name);
    const stranger = principal.kind === 'anonymous';
    const leave = this.#admission.enter(stranger ? `address:${source}` : principalName(principal), stranger);
    try {
      const exchange = { request, response, principal, url };
      if (segments[1] === 'operations') await this.#answerRuns(exchange, segments.slice(2));
      else await this.#answerOperation(exchange, segments.slice(1));
    } finally {
      leave();
    }
  }

  async #recognise(request: IncomingMessage, source: string): Promise<Request['principal']> {
    try {
      return await this.#machinery.gatekeeper.recognise(readCredentials(request), source);
    } catch (error) {
      if (isPhonectlError(error) && error.code === 'unauthenticated') this.#admission.wrongCredentials(source);
      throw error;
    }
  }

  async #answerOperation(exchange: Request, [noun, verb, ...rest]: readonly string[]): Promise<void> {
    const name = `${noun}.${verb}`;
    const operation = rest.length === 0 ? this.#operations.get(name) : undefined;
    if (operation === undefined) throw noPath();
    const query = operation.effect === 'read' && bytesField(operation) === undefined;
    const methods = query ? ['POST', 'GET'] : ['POST'];
    if (!allows(exchange.request, exchange.response, ...methods)) return;
    await answerCall(this.#machinery, exchange, name, operation);
  }

  async #answerRuns(exchange: Request, [id = '', events, ...rest]: readonly string[]): Promise<void> {
    const { principal, request, response, url } = exchange;
    if (principal.kind === 'anonymous')
      throw new PhonectlError('unauthenticated', 'This needs an access key or a session.');
    if (rest.length > 0 || (events !== undefined && events !== 'events')) throw noPath();
    const { runs, idempotency } = this.#machinery;
    const owner = principalName(principal);
    const run = runs.find(id, owner);
    if (run === undefined) {
      // Of before a restart there is what was kept for its Idempotency-Key.
      const kept = events === undefined ? await idempotency.report(owner, id) : undefined;
      if (kept === undefined) {
        if (request.method === 'DELETE') runs.endEarly(id, owner);
        throw noRun();
      }
      if (allows(request, response, 'GET')) sendJson(response, 200, kept);
      return;
    }
    if (events === undefined) {
      if (!allows(request, response, 'GET', 'DELETE')) return;
      if (request.method === 'DELETE') run.cancel(endedByOwner());
      sendJson(response, 200, run.report());
      return;
    }
    if (!allows(request, response, 'GET')) return;
    const after = Number(url.searchParams.get('after') ?? 0);
    if (!Number.isSafeInteger(after) || after < 0) {
      throw new PhonectlError('invalid_input', '`after` is the number of lines that you have already.');
    }
    request.headers.accept = 'application/x-ndjson';
    await answerRun(this.#machinery, exchange, run, after);
  }

  async #sendDocument(response: ServerResponse): Promise<void> {
    if (this.#document === undefined) {
      const { openApi } = await import('./openapi.ts');
      this.#document = JSON.stringify(await openApi(this.#operations));
    }
    response.setHeader('cache-control', 'public, max-age=300');
    sendJson(response, 200, JSON.parse(this.#document));
  }

  /** Waits for what is running, then ends the rest. */
  async finish(grace: number): Promise<void> {
    const deadline = performance.now() + grace;
    const busy = (): boolean => this.#underWay > 0 || this.#machinery.runs.running().length > 0;
    while (busy() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    const reason = new PhonectlError('busy', 'The server is being stopped.', { hints: ['Try again in a moment.'] });
    this.#watch.close(reason);
    await Promise.allSettled(this.#machinery.runs.running().map((run) => run.ended));
  }
}
