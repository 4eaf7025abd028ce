/** One request over HTTPS with got, which is loaded with the first one: a local command never pays for it. */
import type { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import type { AccessKey } from '../keys/secret.ts';
import { contentDigest, signRequest } from '../keys/signature.ts';
import { silent } from './network.ts';

export type Credentials = AccessKey | { readonly token: string };

export interface Outgoing {
  readonly method: 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: string;
  readonly bytes?: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Throws when it stops before its end. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface TransportOptions {
  readonly credentials: Credentials | undefined;
  readonly ca: string | undefined;
  readonly sign: boolean;
}

/** Milliseconds. */
const CONNECT_TIME = 10_000;
/** Until the head of the answer: reads of a single value may count for long; writes send a sign of life. */
const ANSWER_TIME = 600_000;
/** The server says something every ten seconds. */
const SILENCE = 60_000;

export class Transport {
  readonly #options: TransportOptions;
  #agent: Agent | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  /** Sends a request and comes back with the head of the answer. Throws what the network says, as it says it. */
  async send(outgoing: Outgoing): Promise<Answer> {
    const { default: got } = await import('got');
    const { Agent: HttpsAgent } = process.getBuiltinModule('node:https');
    this.#agent ??= new HttpsAgent({ keepAlive: true, maxSockets: 64 });
    const { method, url, headers, json, bytes, signal } = outgoing;
    const { ca } = this.#options;
    const stream = got.stream(url, {
      method,
      headers: { ...headers, ...this.#authorisation(outgoing) },
      ...(json !== undefined && { body: json }),
      agent: { https: this.#agent },
      ...(ca !== undefined && { https: { certificateAuthority: ca } }),
      throwHttpErrors: false,
      followRedirect: false,
      decompress: false,
      retry: { limit: 0 },
      timeout: { lookup: CONNECT_TIME, connect: CONNECT_TIME, secureConnect: CONNECT_TIME },
      ...(signal && { signal }),
    });
    const head = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => stream.destroy(silent(url.host)), ANSWER_TIME);
    let refused = false;
    // Stays for good: an error that comes late must not end the process.
    stream.on('error', (error: Error) => head.reject(error));
    stream.once('response', (response: { statusCode: number; headers: Answer['headers'] }) => {
      clearTimeout(timer);
      refused = response.statusCode >= 400;
      head.resolve({
        status: response.statusCode,
        headers: response.headers,
        type: String(response.headers['content-type'] ?? ''),
        body: bodyOf(stream, url.host),
      });
    });
    if (bytes !== undefined) {
      pump(bytes, stream, () => refused).catch((error: Error) => {
        if (!refused) stream.destroy(error);
      });
      // A source that waits for more (stdin) would keep the process alive after the call has ended.
      stream.once('close', () => endSource(bytes));
    } else if (json === undefined) {
      stream.end();
    }
    try {
      return await head.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #authorisation({ method, url, json }: Outgoing): Record<string, string> {
    const { credentials, sign } = this.#options;
    if (credentials === undefined) return {};
    if ('token' in credentials) return { authorization: `Bearer ${credentials.token}` };
    if (!sign) return { authorization: `Bearer ${credentials.id}.${credentials.secret}` };
    const digest = json === undefined ? undefined : contentDigest(json);
    const parts = {
      method,
      authority: url.host,
      path: url.pathname,
      query: url.search,
      ...(digest !== undefined && { contentDigest: digest }),
    };
    const { signature, signatureInput } = signRequest(credentials, parts, Date.now());
    return {
      signature,
      'signature-input': signatureInput,
      ...(digest !== undefined && { 'content-digest': digest }),
    };
  }
}

/** Sends bytes as fast as they are taken, until the server has refused them. */
async function pump(bytes: AsyncIterable<Uint8Array>, stream: Duplex, refused: () => boolean): Promise<void> {
  for await (const chunk of bytes) {
    if (refused() || stream.destroyed) return;
    if (!stream.write(chunk)) await turn(stream);
  }
  stream.end();
}

function endSource(bytes: AsyncIterable<Uint8Array>): void {
  if ('destroy' in bytes && typeof bytes.destroy === 'function') bytes.destroy();
}

/** Until the stream takes more, or there is no more to be sent. */
async function turn(stream: Duplex): Promise<void> {
  const events = ['drain', 'response', 'close'] as const;
  const { promise, resolve } = Promise.withResolvers<void>();
  const go = (): void => resolve();
  for (const event of events) stream.once(event, go);
  await promise;
  for (const event of events) stream.off(event, go);
}

async function* bodyOf(stream: Duplex, host: string): AsyncGenerator<Uint8Array> {
  let timer: NodeJS.Timeout | undefined;
  const wind = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stream.destroy(silent(host)), SILENCE);
  };
  try {
    wind();
    for await (const chunk of stream) {
      clearTimeout(timer);
      yield chunk as Uint8Array;
      wind();
    }
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}
