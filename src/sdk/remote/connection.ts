/** Calls over HTTPS: the other way to the same door. */
import { isBytes } from '../bytes.ts';
import type { Connection } from '../client.ts';
import { isPhonectlError, PhonectlError } from '../errors.ts';
import { parseBearer } from '../keys/secret.ts';
import type { CallOptions } from '../operation.ts';
import { isCertificateError, networkError, neverArrived, strangeAnswer } from './network.ts';
import { type Answer, type Credentials, type Outgoing, Transport } from './transport.ts';
import { fromWire, linesOf, readLine, toError } from './wire.ts';

export interface RemoteOptions {
  /** `https://phones.example.net:8445` */
  readonly server: string;
  /** An access key as `<id>.<secret>` or in its parts, or the token of a session. */
  readonly key?: Credentials | string;
  /** PEM of the certificate authority, where the system does not know it. */
  readonly ca?: string;
  /** Sign requests in place of sending the secret (RFC 9421). Needs an access key. */
  readonly sign?: boolean;
  /** Ends everything that is under way. */
  readonly signal?: AbortSignal;
}

export interface RemoteConnection extends Connection {
  close(): void;
}

const TRIES = 4;
/** A server that is not there at all is not waited for as long as one that is busy. */
const NETWORK_TRIES = 3;
/** The longest Retry-After that is waited for. Milliseconds. */
const LONGEST_WAIT = 30_000;
/** How long Ctrl-C waits for the server to hear of it. Milliseconds. */
const FAREWELL = 2_000;

const { randomUUID } = process.getBuiltinModule('node:crypto');

/** A connection for the face that `connectPhonectl` gives. Nothing is sent before the first call. */
export function remoteConnection(options: RemoteOptions): RemoteConnection {
  const server = checkServer(options.server);
  const credentials = typeof options.key === 'string' ? checkKey(options.key) : options.key;
  const transport = new Transport({ credentials, ca: options.ca, sign: options.sign ?? false });

  function signalOf(call: CallOptions | undefined): AbortSignal | undefined {
    const signals = [options.signal, call?.signal].filter((signal) => signal !== undefined);
    return signals.length > 1 ? AbortSignal.any(signals) : signals[0];
  }

  async function value(name: string, _: unknown, input: unknown, call?: CallOptions): Promise<unknown> {
    const runs: string[] = [];
    const signal = signalOf(call);
    try {
      const answer = await send(transport, server, outgoing(server, name, input, call, signal), runs);
      if (!isStream(answer)) return fromWire(await readJson(answer, server));
      // Awaiting a sequence, as an async function that returns one does, gives the sequence.
      if (answer.headers['phonectl-kind'] === 'stream') return items(answer, runs, signal, call);
      for await (const line of linesOf(answer.body)) {
        const word = readLine(line);
        if (word.is === 'result') return word.value;
        if (word.is === 'progress') call?.onProgress?.(word.event);
      }
      throw new PhonectlError('unexpected', `The answer to ${name} holds no result.`);
    } catch (error) {
      throw await parting(error, runs, signal);
    }
  }

  async function* stream(name: string, _: unknown, input: unknown, call?: CallOptions): AsyncGenerator<unknown> {
    const runs: string[] = [];
    const signal = signalOf(call);
    try {
      const answer = await send(transport, server, outgoing(server, name, input, call, signal), runs);
      if (!isStream(answer)) throw new PhonectlError('unexpected', `${name} is not a sequence.`);
      yield* lines(answer, call);
    } catch (error) {
      throw await parting(error, runs, signal);
    }
  }

  async function* items(
    answer: Answer,
    runs: readonly string[],
    signal: AbortSignal | undefined,
    call: CallOptions | undefined,
  ): AsyncGenerator<unknown> {
    try {
      yield* lines(answer, call);
    } catch (error) {
      throw await parting(error, runs, signal);
    }
  }

  /** What to throw. Ctrl-C ends the work itself, as it does locally; a lost connection does not. */
  async function parting(error: unknown, runs: readonly string[], signal: AbortSignal | undefined): Promise<unknown> {
    if (!signal?.aborted) return isPhonectlError(error) ? error : networkError(error, server.host);
    const endings = runs.map(async (run) => {
      const url = new URL(`/v1/operations/${run}`, server);
      await drain(await transport.send({ method: 'DELETE', url, headers: {} }));
    });
    // Heard or not, the user wants to leave now.
    await Promise.race([Promise.allSettled(endings), new Promise((resolve) => setTimeout(resolve, FAREWELL).unref())]);
    return signal.reason;
  }

  return { value, stream, close: () => transport.close() };
}

async function* lines(answer: Answer, call: CallOptions | undefined): AsyncGenerator<unknown> {
  for await (const line of linesOf(answer.body)) {
    const word = readLine(line);
    if (word.is === 'progress') call?.onProgress?.(word.event);
    else yield word.value;
  }
}

function outgoing(
  server: URL,
  name: string,
  input: unknown,
  call: CallOptions | undefined,
  signal: AbortSignal | undefined,
): Outgoing {
  const url = new URL(`/v1/${name.replace('.', '/')}`, server);
  const headers: Record<string, string> = { accept: 'application/x-ndjson, application/json' };
  if (call?.ifVersion !== undefined) headers['if-match'] = `"${call.ifVersion}"`;
  const base = { method: 'POST', url, headers, ...(signal && { signal }) } as const;
  const fields = Object.entries(input as Record<string, unknown>);
  const upload = fields.find(([, field]) => isBytes(field));
  if (upload === undefined) {
    headers['content-type'] = 'application/json';
    headers['idempotency-key'] = randomUUID();
    return { ...base, json: JSON.stringify(input) };
  }
  for (const [field, content] of fields) if (field !== upload[0]) addToQuery(url.searchParams, field, content);
  headers['content-type'] = 'application/octet-stream';
  return { ...base, bytes: upload[1] as AsyncIterable<Uint8Array> };
}

/** The fields beside an upload: a list repeats its name, what is no text is JSON. */
function addToQuery(query: URLSearchParams, name: string, content: unknown): void {
  if (content === undefined) return;
  for (const item of Array.isArray(content) ? content : [content]) {
    query.append(name, typeof item === 'string' ? item : JSON.stringify(item));
  }
}

/** Sends a call, and again where that does no harm: it was refused for the moment, or its idempotency key protects it. */
async function send(transport: Transport, server: URL, call: Outgoing, runs: string[]): Promise<Answer> {
  const tries = call.bytes === undefined ? TRIES : 1;
  for (let attempt = 1; ; attempt += 1) {
    const run = randomUUID();
    runs.push(run);
    const answer = await transport
      .send({ ...call, headers: { ...call.headers, 'phonectl-run': run } })
      .catch((error: unknown) => retryable(error, attempt < Math.min(tries, NETWORK_TRIES), call));
    if (answer !== undefined && answer.status < 300) return answer;
    const wait = answer === undefined ? 200 * 3 ** (attempt - 1) : waitOf(answer);
    if (answer !== undefined && (attempt >= tries || wait === undefined)) throw await problemOf(answer, server);
    if (answer !== undefined) await drain(answer);
    await pause(wait ?? 0, call.signal);
  }
}

/** Nothing, when the network's error is worth another try; otherwise throws it. */
function retryable(error: unknown, more: boolean, { signal, bytes }: Outgoing): undefined {
  const harmless = bytes === undefined || neverArrived(error);
  if (!more || !harmless || signal?.aborted || isPhonectlError(error) || isCertificateError(error)) throw error;
  return undefined;
}

/** How long the server asks to wait, if it does and the wait is bearable. */
function waitOf({ status, headers }: Answer): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const seconds = Number(headers['retry-after'] ?? 1);
  return Number.isFinite(seconds) && seconds * 1000 <= LONGEST_WAIT ? seconds * 1000 : undefined;
}

async function pause(time: number, signal: AbortSignal | undefined): Promise<void> {
  const { setTimeout: sleep } = await import('node:timers/promises');
  await sleep(time, undefined, { ...(signal && { signal }) });
}

function isStream({ type }: Answer): boolean {
  return type.startsWith('application/x-ndjson');
}

async function drain({ body }: Answer): Promise<void> {
  for await (const _ of body);
}

async function readJson(answer: Answer, server: URL): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  if (!/^application\/(problem\+)?json\b/.test(answer.type)) {
    throw strangeAnswer(server.host, answer.status, answer.type || 'without a type');
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

async function problemOf(answer: Answer, server: URL): Promise<PhonectlError> {
  return toError(await readJson(answer, server));
}

function checkServer(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url;
  throw new PhonectlError('invalid_input', `"${text}" is not the address of a server.`, {
    hints: ['Write it as https://phones.example.net:8445.'],
  });
}

function checkKey(text: string): Credentials {
  const key = parseBearer(text);
  if (key !== undefined) return key;
  throw new PhonectlError('invalid_input', 'The access key is not of the form <id>.<secret>.', {
    hints: ['`phonectl key create NAME --role ROLE` prints both parts.'],
  });
}
