/**
 * Opening a connection to a phone: TCP, or TLS whose certificate is checked against the phone's MAC before a byte is
 * sent. Phones' factory certificates name the MAC and nothing else (poly.md A.1, yealink.md A11), so host names are
 * never compared.
 */

import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { isInDate, trustedEnd } from '../domain/certificate-chain.ts';
import { parseMac } from '../domain/mac.ts';
import { PhonectlError } from '../sdk/errors.ts';

/** Who signs the phones of a vendor. */
export interface PhoneAuthority {
  readonly vendor: string;
  readonly certificate: X509Certificate;
  /** Old phones carry genuine certificates that have expired (security.md P-10). */
  readonly allowExpired: boolean;
}

export interface ConnectOptions {
  readonly url: URL;
  readonly context: SecureContext;
  readonly pinnedMac?: string;
  /** With any: a certificate that none of them signed is refused, not only one of another phone. */
  readonly authorities: readonly PhoneAuthority[];
  /** Aborts with our own timeout error, or the caller's reason. */
  readonly signal: AbortSignal;
}

/** Resolves with a connected, checked socket; destroys it on abort. Throws `unreachable` or `certificate`. */
export function connect(options: ConnectOptions): Promise<Socket> {
  const { url, signal } = options;
  signal.throwIfAborted();
  // URL keeps the brackets of an IPv6 address; the socket wants it without.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  const port = Number(url.port) || (secure ? 443 : 80);
  const socket = secure ? openTls(host, port, options.context) : openTcp(host, port);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const abort = (): void => {
    socket.destroy();
    reject(beforeSending(signal.reason));
  };
  const fail = (error: Error): void => reject(connectError(error, host, port, false));
  const ready = (): void => {
    const problem = secure ? checkCertificate(socket as TLSSocket, options) : undefined;
    if (problem === undefined) resolve(socket);
    else {
      socket.destroy();
      reject(problem);
    }
  };
  signal.addEventListener('abort', abort, { once: true });
  socket.on('error', fail);
  socket.once('close', () => signal.removeEventListener('abort', abort));
  (socket as TLSSocket).once(secure ? 'secureConnect' : 'connect', ready);
  return promise;
}

function openTcp(host: string, port: number): Socket {
  const { connect } = process.getBuiltinModule('node:net');
  return connect({ host, port, noDelay: true });
}

function openTls(host: string, port: number, secureContext: SecureContext): TLSSocket {
  const { connect } = process.getBuiltinModule('node:tls');
  const { isIP } = process.getBuiltinModule('node:net');
  // The certificate is looked at in `checkCertificate`: by MAC, never by host name. Server Name Indication only for
  // names (RFC 6066 section 3 forbids addresses).
  const servername = isIP(host) === 0 ? host : '';
  const socket = connect({
    host,
    port,
    servername,
    secureContext,
    rejectUnauthorized: false,
    // Otherwise `authorized` would be false for every phone: its certificate has no host name.
    checkServerIdentity: () => undefined,
  });
  return socket.setNoDelay(true);
}

function checkCertificate(socket: TLSSocket, options: ConnectOptions): PhonectlError | undefined {
  const { pinnedMac, authorities, url } = options;
  // Not getPeerCertificate(): decoding all of it costs a tenth of the whole request.
  const certificate = socket.getPeerX509Certificate();
  if (authorities.length > 0 && !isTrusted(certificate, authorities)) {
    const vendor = authorities[0]?.vendor ?? '';
    return new PhonectlError(
      'certificate',
      `No authority that is trusted for ${vendor} signed the certificate of ${url.host}.`,
      {
        hints: [
          'Something else may answer there. If the phone carries a certificate of another authority, trust that one with ' +
            '`phonectl cert trust add`.',
        ],
        details: { host: url.host, sent: false },
      },
    );
  }
  if (pinnedMac === undefined) return undefined;
  const named = macOf(/^CN=(.*)$/m.exec(certificate?.subject ?? '')?.[1] ?? '');
  if (named === undefined || named === pinnedMac) return undefined;
  return new PhonectlError('certificate', `${url.host} is another phone: its certificate names ${named}.`, {
    hints: [`Correct the address of ${pinnedMac}: phonectl device edit ${pinnedMac} --private-ip ADDRESS.`],
    details: { host: url.host, expected: pinnedMac, found: named, sent: false },
  });
}

/** That the phone holds the key was shown in the handshake; here, who vouches for it. */
function isTrusted(leaf: X509Certificate | undefined, authorities: readonly PhoneAuthority[]): boolean {
  if (leaf === undefined) return false;
  const now = Date.now();
  const authority = trustedEnd(leaf, issuersOf(leaf), authorities, now);
  return authority !== undefined && isInDate(leaf, now, authority.allowExpired);
}

/** As far as the phone sent them. */
function issuersOf(leaf: X509Certificate): readonly X509Certificate[] {
  const issuers: X509Certificate[] = [];
  let next = leaf.issuerCertificate;
  while (next !== undefined && issuers.length < 4 && !issuers.includes(next)) {
    issuers.push(next);
    next = next.issuerCertificate;
  }
  return issuers;
}

/** MAC in a certificate's common name: alone in any spelling, or inside such as `CP-8841-3PCC-00562B043615`. */
export function macOf(commonName: string): string | undefined {
  const name = commonName.slice(0, 128);
  const alone = parseMac(name);
  if (alone !== undefined) return alone;
  const inside = /(?:^|[^0-9A-Fa-f])((?:[0-9A-Fa-f]{2}[:-]?){5}[0-9A-Fa-f]{2})(?![0-9A-Fa-f])/.exec(name)?.[1];
  return inside === undefined ? undefined : parseMac(inside.replace(/[:-]/g, ''));
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to its network',
  EHOSTDOWN: 'it is down',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ETIMEDOUT: 'it did not answer',
  EACCES: 'the connection is not permitted',
};

/** A timeout that came while connecting: nothing was sent. Other reasons are the caller's own and stay as they are. */
function beforeSending(reason: unknown): unknown {
  if (!(reason instanceof PhonectlError)) return reason;
  return new PhonectlError(reason.code, `${reason.message} There was no connection.`, {
    hints: reason.hints,
    details: { ...reason.details, sent: false },
  });
}

/**
 * A socket's error in our words. `sent` false says in the details that no request has left us: whatever was asked for
 * has certainly not happened.
 */
export function connectError(error: Error, host: string, port: number, sent: boolean): PhonectlError {
  const code = 'code' in error ? String(error.code) : '';
  const tls = /^(ERR_SSL|ERR_TLS|EPROTO)/.test(code);
  const reason = tls ? 'it speaks no TLS that is safe enough' : (REASONS[code] ?? (code || error.message));
  return new PhonectlError('unreachable', `${host}:${port} cannot be reached: ${reason}.`, {
    hints: tls ? ['Phones without TLS 1.2 want newer firmware, or --control-url http://… with --plain-basic.'] : [],
    details: { host, port, reason: code || 'error', sent },
    cause: error,
  });
}
