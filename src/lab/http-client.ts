/**
 * The phones' own HTTP client: one provisioning session is one keep-alive connection, opened from the phone's address,
 * that answers Basic and Digest challenges and checks the server's certificate as the phone is told to.
 */
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { basicHeader, type Challenge, digestHeader, parseChallenges } from './digest.ts';
import { LabError, messageOf } from './errors.ts';
import type { Credential } from './types.ts';

export interface SessionOptions {
  userAgent: string;
  /** Loopback address to leave from; only used towards loopback servers. */
  localAddress: string;
  secureContext: tls.SecureContext;
  /** Verify the chain at all. */
  verify: boolean;
  /** Verify that the certificate names the host. */
  checkName: boolean;
  /** The phone's clock, in milliseconds. */
  now(): number;
  signal: AbortSignal;
  onReply(method: string, url: URL, status: number, userAgent: string): void;
}

export interface RequestOptions {
  credential?: Credential | undefined;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Stop reading after so many bytes and drop the connection, as a phone does that only looks at a file's head. */
  firstBytes?: number;
  /** Read the body to its end, however long, and keep nothing of it: firmware. */
  discard?: boolean;
  userAgent?: string;
}

export interface HttpReply {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  /** Where the answer came from, after redirects. */
  url: URL;
}

/** No configuration file is that large; a phone's memory is not endless either. */
const LARGEST_BODY = 10_000_000;
const TIMEOUT = 30_000;
const MOST_REDIRECTS = 5;

interface Memory {
  challenge: Challenge;
  nc: number;
}

export class HttpSession {
  readonly #options: SessionOptions;
  readonly #agents = new Map<string, http.Agent>();
  /** The last challenge of each origin: a phone that was asked once sends its credential at once. */
  readonly #challenges = new Map<string, Memory>();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** One request with its challenges and redirects. Rejects with `LabError` where no answer came; any status is an answer. */
  async request(method: string, target: URL, options: RequestOptions = {}): Promise<HttpReply> {
    let url = target;
    for (let hop = 0; ; hop++) {
      const reply = await this.#authenticated(
        method,
        url,
        hop === 0 || url.origin === target.origin ? options : stripped(options),
      );
      const location = reply.headers.location;
      const redirected = [301, 302, 307, 308].includes(reply.status) && location !== undefined;
      if (!redirected || (method !== 'GET' && method !== 'HEAD')) return reply;
      if (hop >= MOST_REDIRECTS) throw new LabError('http', `${plain(target)} redirects without end`);
      url = new URL(location, url);
    }
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  async #authenticated(method: string, url: URL, options: RequestOptions): Promise<HttpReply> {
    const credential = credentialOf(url) ?? options.credential;
    const first = await this.#send(method, url, options, this.#authorization(method, url, credential));
    if (first.status !== 401 || credential === undefined) return first;
    const challenges = parseChallenges(first.challenges);
    const challenge =
      challenges.find(({ scheme }) => scheme === 'digest') ?? challenges.find(({ scheme }) => scheme === 'basic');
    if (challenge === undefined) return first;
    // A second refusal of the same Basic credential would only repeat the first; a new nonce is worth one more try.
    const tried = this.#challenges.get(url.origin);
    if (tried?.challenge.scheme === 'basic' && challenge.scheme === 'basic') return first;
    this.#challenges.set(url.origin, { challenge, nc: 0 });
    return this.#send(method, url, options, this.#authorization(method, url, credential));
  }

  #authorization(method: string, url: URL, credential: Credential | undefined): string | null {
    const memory = this.#challenges.get(url.origin);
    if (memory === undefined || credential === undefined) return null;
    if (memory.challenge.scheme === 'basic') return basicHeader(credential);
    memory.nc++;
    return digestHeader(memory.challenge, credential, { method, uri: url.pathname + url.search, nc: memory.nc });
  }

  async #send(
    method: string,
    url: URL,
    options: RequestOptions,
    authorization: string | null,
  ): Promise<HttpReply & { challenges: string[] }> {
    const userAgent = options.userAgent ?? this.#options.userAgent;
    const headers: Record<string, string> = { 'User-Agent': userAgent, Accept: '*/*', ...options.headers };
    if (authorization !== null) headers['Authorization'] = authorization;
    if (options.body !== undefined) headers['Content-Length'] = String(Buffer.byteLength(options.body));
    const reply = await this.#exchange(method, url, headers, options, true);
    this.#options.onReply(method, url, reply.status, userAgent);
    return reply;
  }

  async #exchange(
    method: string,
    url: URL,
    headers: Record<string, string>,
    options: RequestOptions,
    mayRepeat: boolean,
  ): Promise<HttpReply & { challenges: string[] }> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    const request = this.#open(method, url, headers);
    try {
      return await exchange(request, url, options);
    } catch (error) {
      signal.throwIfAborted();
      // The server may close an idle connection at the very moment it is used again (RFC 9112, 9.3.1).
      const stale = request.reusedSocket && mayRepeat && codeOf(error) === 'ECONNRESET';
      if (stale) return this.#exchange(method, url, headers, options, false);
      if (error instanceof LabError) throw error;
      throw new LabError('unreachable', `${plain(url)}: ${messageOf(error)}`, { cause: error });
    }
  }

  #open(method: string, url: URL, headers: Record<string, string>): http.ClientRequest {
    const { signal, localAddress } = this.#options;
    const loopback = url.hostname === 'localhost' || url.hostname.startsWith('127.');
    const common: http.RequestOptions = {
      method,
      host: url.hostname,
      port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
      path: url.pathname + url.search,
      headers,
      signal,
      timeout: TIMEOUT,
      agent: this.#agent(url.protocol),
      ...(loopback ? { localAddress, family: 4 } : {}),
    };
    if (url.protocol === 'http:') return http.request(common);
    if (url.protocol !== 'https:')
      throw new LabError('unreachable', `${plain(url)}: the lab speaks HTTP and HTTPS only`);
    return https.request(common);
  }

  #agent(protocol: string): http.Agent {
    const known = this.#agents.get(protocol);
    if (known !== undefined) return known;
    const { secureContext, verify } = this.#options;
    const settings = { keepAlive: true, maxSockets: 1, scheduling: 'lifo' } as const;
    // The check belongs to the agent: given per request, Node opens a connection per request.
    const tlsSettings = {
      secureContext,
      rejectUnauthorized: verify,
      checkServerIdentity: (host: string, certificate: tls.DetailedPeerCertificate) =>
        this.#checkCertificate(host, certificate),
    } as https.AgentOptions;
    const agent = protocol === 'https:' ? new https.Agent({ ...settings, ...tlsSettings }) : new http.Agent(settings);
    this.#agents.set(protocol, agent);
    return agent;
  }

  #checkCertificate(host: string, certificate: tls.DetailedPeerCertificate): Error | undefined {
    const from = Date.parse(certificate.valid_from);
    if (from > this.#options.now()) {
      return new LabError(
        'not_yet_valid',
        `the server's certificate is valid from ${certificate.valid_from}, which is in this phone's future`,
      );
    }
    return this.#options.checkName ? tls.checkServerIdentity(host, certificate) : undefined;
  }
}

function exchange(
  request: http.ClientRequest,
  url: URL,
  options: RequestOptions,
): Promise<HttpReply & { challenges: string[] }> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('timeout', () =>
      request.destroy(new LabError('timeout', `${plain(url)}: no answer in ${TIMEOUT / 1000} s`)),
    );
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const finish = (): void => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
          url,
          challenges: response.headersDistinct['www-authenticate'] ?? [],
        });
      };
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (options.discard !== true || response.statusCode !== 200) chunks.push(chunk);
        if (options.firstBytes !== undefined && size >= options.firstBytes && response.statusCode === 200) {
          finish();
          response.destroy();
        } else if (size > LARGEST_BODY && options.discard !== true) {
          reject(new LabError('too_large', `${plain(url)}: more than ${LARGEST_BODY} bytes`));
          response.destroy();
        }
      });
      response.on('end', finish);
      response.on('error', reject);
    });
    request.end(options.body);
  });
}

/** The credential that stands in the URL itself. */
export function credentialOf(url: URL): Credential | undefined {
  if (url.username === '') return undefined;
  return { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
}

/** The URL without its credential, for texts. */
export function plain(url: URL): string {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  return copy.href;
}

function stripped(options: RequestOptions): RequestOptions {
  const { credential: _, ...rest } = options;
  return rest;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
