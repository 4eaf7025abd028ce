/** Looks at an HTTPS server as a phone does: can it be reached, is its certificate good, what does it answer (NET-11). */
import type { TLSSocket } from 'node:tls';

export interface ServerProbe {
  /** Addresses that the name stands for; empty when it stands for none. */
  readonly addresses: readonly string[];
  /** A connection was made. */
  readonly connected: boolean;
  /** Why not, as a system error code: `ECONNREFUSED`, `ETIMEDOUT`, `ENOTFOUND`, … */
  readonly error?: string;
  readonly protocol?: string;
  /** The certificate leads to a trusted authority and names this host. */
  readonly trusted?: boolean;
  /** Why it is not trusted: OpenSSL's or Node's code, such as `CERT_HAS_EXPIRED`. */
  readonly distrust?: string;
  /** HTTP status of the path that was asked for. */
  readonly status?: number;
  /** The server's clock minus ours in milliseconds, by its Date header (whole seconds). */
  readonly clockOffset?: number;
}

export interface ProbeOptions {
  /** PEM of authorities to trust beside the system's. */
  readonly authorities?: readonly string[];
  readonly path: string;
  /** Milliseconds for the whole probe. */
  readonly timeout: number;
}

/** Probes `https://host:port/path` without any login. Never throws for what the network does. */
export async function probeServer(url: URL, options: ProbeOptions): Promise<ServerProbe> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = await resolve(host);
  if (addresses.length === 0) return { addresses, connected: false, error: 'ENOTFOUND' };
  const signal = AbortSignal.timeout(options.timeout);
  const socket = await open(host, Number(url.port) || 443, options, signal);
  if (typeof socket === 'string') return { addresses, connected: false, error: socket };
  try {
    const answer = await ask(socket, url, options.path, signal);
    const distrust = socket.authorized ? undefined : String(socket.authorizationError);
    return {
      addresses,
      connected: true,
      protocol: socket.getProtocol() ?? 'unknown',
      trusted: socket.authorized,
      ...(distrust !== undefined && { distrust }),
      ...answer,
    };
  } finally {
    socket.destroy();
  }
}

/** Addresses of a host name; an address stands for itself. */
export async function resolve(host: string): Promise<readonly string[]> {
  const { lookup } = process.getBuiltinModule('node:dns/promises');
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}

async function open(
  host: string,
  port: number,
  { authorities = [] }: ProbeOptions,
  signal: AbortSignal,
): Promise<TLSSocket | string> {
  const { connect, rootCertificates } = process.getBuiltinModule('node:tls');
  const { isIP } = process.getBuiltinModule('node:net');
  const { promise, resolve: settle } = Promise.withResolvers<TLSSocket | string>();
  const socket = connect({
    host,
    port,
    servername: isIP(host) === 0 ? host : '',
    ca: [...rootCertificates, ...authorities],
    // Looked at afterwards: an untrusted certificate is a finding, not the end.
    rejectUnauthorized: false,
  });
  const give = (code: string): void => {
    socket.destroy();
    settle(code);
  };
  signal.addEventListener('abort', () => give('ETIMEDOUT'), { once: true });
  socket.on('error', (error) => give('code' in error ? String(error.code) : error.message));
  socket.once('secureConnect', () => settle(socket));
  return promise;
}

type Answer = Pick<ServerProbe, 'status' | 'clockOffset'>;

function ask(socket: TLSSocket, url: URL, path: string, signal: AbortSignal): Promise<Answer> {
  const { request } = process.getBuiltinModule('node:http');
  const { promise, resolve: settle } = Promise.withResolvers<Answer>();
  const outgoing = request({
    method: 'GET',
    path,
    headers: { host: url.host, 'user-agent': 'phonectl-doctor', connection: 'close' },
    createConnection: () => socket,
    maxHeaderSize: 16_384,
  });
  signal.addEventListener('abort', () => settle({}), { once: true });
  outgoing.on('error', () => settle({}));
  outgoing.on('response', (incoming) => {
    const date = Date.parse(incoming.headers.date ?? '');
    incoming.resume();
    settle({
      status: incoming.statusCode ?? 0,
      ...(!Number.isNaN(date) && { clockOffset: date - Date.now() }),
    });
  });
  outgoing.end();
  return promise;
}
