/**
 * One HTTP exchange with a phone: connect, ask, answer a challenge, follow a redirect on the same host. Everything that a
 * hostile answer could exhaust is bounded: total time, header bytes, body bytes before and after decompression, number
 * of requests (security.md P-08).
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { PhonectlError } from '../sdk/errors.ts';
import type { DeviceRequest, DeviceResponse } from '../vendors/transport.ts';
import { connect, connectError, type PhoneAuthority } from './connect.ts';
import { authorization, type Challenge, chooseChallenge, isStale, parseChallenges } from './digest.ts';

export const DEFAULT_TIMEOUT = 10_000;
export const DEFAULT_MAX_BYTES = 5_000_000;
const MAX_HEADER_BYTES = 16_384;
/** One plain request, one answer to a challenge, one to a stale nonce, and the redirects. */
const MAX_REDIRECTS = 3;

export interface ExchangeOptions {
  readonly context: SecureContext;
  readonly authorities: readonly PhoneAuthority[];
  /** Basic over plain HTTP shows the password to the network; only where the operator asked for it. */
  readonly plainBasic: boolean;
  /** Source address of connections. */
  readonly signal: AbortSignal;
}

/** Runs a request to its final answer. Throws `unreachable` or `certificate`; timing out is the caller's signal. */
export async function exchange(request: DeviceRequest, options: ExchangeOptions): Promise<DeviceResponse> {
  let url = controlUrl(request.url);
  for (let redirects = 0; ; redirects++) {
    const response = await authenticate(url, request, options);
    const next = redirectTarget(url, request, response);
    if (next === undefined) return response;
    if (redirects === MAX_REDIRECTS) throw refused(url, 'it redirects again and again');
    url = next;
  }
}

/** Checks a URL that phones are controlled by. */
function controlUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new PhonectlError('invalid_input', 'A phone is controlled by an https:// or http:// URL.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new PhonectlError('invalid_input', 'A URL of a phone cannot hold a user name or password.');
  }
  return url;
}

/** Only within the same host, only upwards (http → https), and only for GET: another request is not repeated blindly. */
function redirectTarget(url: URL, request: DeviceRequest, response: DeviceResponse): URL | undefined {
  const { location } = response.headers;
  if (location === undefined || request.method !== 'GET' || ![301, 302, 303, 307, 308].includes(response.status)) {
    return undefined;
  }
  const next = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
  const same = next?.hostname === url.hostname && (next.protocol === url.protocol || next.protocol === 'https:');
  if (next === undefined || !same || next.username !== '' || next.password !== '') {
    throw refused(url, 'it redirects to another host');
  }
  return next;
}

async function authenticate(url: URL, request: DeviceRequest, options: ExchangeOptions): Promise<DeviceResponse> {
  const connection = new Connection(url, request, options);
  try {
    let answer: Challenge | undefined;
    for (let attempt = 0; ; attempt++) {
      const response = await connection.send(answer === undefined ? undefined : credentials(url, request, answer));
      const login = response.headers['www-authenticate'];
      if (response.status !== 401 || login === undefined || request.auth === undefined) return response;
      const challenge = chooseChallenge(parseChallenges(login));
      const again = answer === undefined || (isStale(challenge ?? answer) && attempt < 2);
      if (challenge === undefined || !again) return response;
      if (challenge.scheme === 'basic' && url.protocol === 'http:' && !options.plainBasic) {
        throw new PhonectlError('unreachable', `${url.host} asks for the password over plain HTTP.`, {
          hints: ['Use https:// in --control-url, or accept it with --plain-basic.'],
          details: { host: url.host, reason: 'plain_basic', sent: false },
        });
      }
      answer = challenge;
    }
  } finally {
    connection.close();
  }
}

function credentials(url: URL, request: DeviceRequest, challenge: Challenge): string {
  const login = request.auth ?? { username: '', password: '' };
  return authorization(challenge, login, { method: request.method, uri: url.pathname + url.search, count: 1 });
}

/** The requests of one exchange, over one connection where the phone keeps it open between challenge and answer. */
class Connection {
  readonly #url: URL;
  readonly #request: DeviceRequest;
  readonly #options: ExchangeOptions;
  #socket: Socket | undefined;

  constructor(url: URL, request: DeviceRequest, options: ExchangeOptions) {
    this.#url = url;
    this.#request = request;
    this.#options = options;
  }

  async send(authorization: string | undefined): Promise<DeviceResponse> {
    const { signal } = this.#options;
    const { pinnedMac } = this.#request;
    if (this.#socket === undefined || this.#socket.destroyed || this.#socket.writableEnded) {
      this.#socket = await connect({
        url: this.#url,
        ...this.#options,
        ...(pinnedMac !== undefined && { pinnedMac }),
      });
    }
    return this.#roundTrip(this.#socket, authorization, signal);
  }

  close(): void {
    this.#socket?.destroy();
  }

  #roundTrip(socket: Socket, authorization: string | undefined, signal: AbortSignal): Promise<DeviceResponse> {
    const { request: send } = process.getBuiltinModule('node:http');
    const url = this.#url;
    const { method, headers, body, maxBytes = DEFAULT_MAX_BYTES } = this.#request;
    const { promise, resolve, reject } = Promise.withResolvers<DeviceResponse>();
    const fail = (error: Error): void => reject(signal.aborted ? signal.reason : this.#error(error));
    const outgoing = send({
      method,
      path: url.pathname + url.search,
      host: url.hostname,
      createConnection: () => socket,
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: {
        host: url.host,
        'user-agent': 'phonectl',
        accept: '*/*',
        'accept-encoding': 'identity',
        connection: 'keep-alive',
        ...headers,
        ...(authorization !== undefined && { authorization }),
        // GET has none; everything else says its length, or Node would send it in chunks, which phones do not read.
        ...(method !== 'GET' && { 'content-length': String(Buffer.byteLength(body ?? '')) }),
      },
    });
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      readBody(incoming, maxBytes)
        .then((body) => decode(body, String(incoming.headers['content-encoding'] ?? 'identity'), maxBytes))
        .then((body) => resolve(toResponse(incoming, body)), fail);
    });
    outgoing.end(method === 'GET' ? undefined : body);
    return promise;
  }

  #error(error: Error): unknown {
    if (error instanceof PhonectlError) return error;
    const code = 'code' in error ? String(error.code) : '';
    if (code.startsWith('HPE_') || code.startsWith('ERR_HTTP')) return refused(this.#url, 'its answer is not HTTP');
    return connectError(error, this.#url.hostname, Number(this.#url.port) || 443, true);
  }
}

function refused(url: URL, reason: string): PhonectlError {
  return new PhonectlError('unreachable', `${url.host} answers in a way that is refused: ${reason}.`, {
    details: { host: url.host, reason },
  });
}

function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) incoming.destroy(tooLarge(maxBytes));
    else chunks.push(chunk);
  });
  incoming.on('end', () => resolve(Buffer.concat(chunks)));
  // A body that ends too early is an error, too: `aborted` comes as one.
  incoming.on('error', reject);
  return promise;
}

/** We ask for no compression; a phone that compresses all the same is read, up to the same size. */
async function decode(body: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  const { gunzip, inflate } = process.getBuiltinModule('node:zlib');
  const unpack = { gzip: gunzip, 'x-gzip': gunzip, deflate: inflate }[encoding.trim().toLowerCase()];
  if (unpack === undefined || body.length === 0) return body;
  return new Promise((resolve, reject) => {
    unpack(body, { maxOutputLength: maxBytes }, (error, unpacked) => {
      if (error === null) resolve(unpacked);
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') reject(tooLarge(maxBytes));
      else
        reject(new PhonectlError('unreachable', 'The answer is not what its Content-Encoding says.', { cause: error }));
    });
  });
}

function tooLarge(maxBytes: number): PhonectlError {
  return new PhonectlError('unreachable', `The answer is larger than ${maxBytes} bytes and was not read to its end.`, {
    details: { reason: 'too_large', maxBytes },
  });
}

function toResponse(incoming: IncomingMessage, body: Buffer): DeviceResponse {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { status: incoming.statusCode ?? 0, headers, body };
}
