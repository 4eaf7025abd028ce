/**
 * Which phone a client certificate names. The certificate proves the MAC in its subject and no more: whether that phone
 * is one of ours, and which files it gets, is decided like for any other (security.md decision 3).
 */
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { isInDate, trustedEnd } from '../domain/certificate-chain.ts';
import { parseMac } from '../domain/mac.ts';
import type { TrustedAuthority } from '../sdk/ports/trust.ts';
import { type Networks, plainAddress } from './networks.ts';

export interface CertifiedPhone {
  readonly mac: string;
  /** Of the authority; it vouches for phones of this vendor only. */
  readonly vendor: string;
  /** `CN=…,O=…`. */
  readonly subject: string;
}

interface Authority extends TrustedAuthority {
  readonly certificate: X509Certificate;
}

/** So many certificates of what a phone shows are looked at. */
const LONGEST_CHAIN = 3;

export class ClientCertificates {
  readonly #authorities: readonly Authority[];
  readonly #now: () => number;
  /** One answer per connection; a changed list of authorities is a new object of this class, and so a new map. */
  readonly #bySocket = new WeakMap<object, CertifiedPhone | null>();

  constructor(authorities: readonly TrustedAuthority[], now: () => number) {
    this.#authorities = authorities.map((one) => ({ ...one, certificate: new X509Certificate(one.pem) }));
    this.#now = now;
  }

  /** For the TLS listener's list of authorities. */
  get pems(): readonly string[] {
    return this.#authorities.map(({ pem }) => pem);
  }

  /** The phone behind a request, from the TLS connection or from what a listed proxy passes on. */
  of(request: IncomingMessage, proxies: Networks | undefined): CertifiedPhone | undefined {
    if (this.#authorities.length === 0) return undefined;
    const { socket } = request;
    if (proxies?.has(plainAddress(socket.remoteAddress)) === true) return this.#fromProxy(request);
    if (!('getPeerCertificate' in socket)) return undefined;
    let phone = this.#bySocket.get(socket);
    if (phone === undefined) {
      phone = this.#fromSocket(socket as TLSSocket) ?? null;
      this.#bySocket.set(socket, phone);
    }
    return phone ?? undefined;
  }

  #fromSocket(socket: TLSSocket): CertifiedPhone | undefined {
    const expired = String(socket.authorizationError ?? '') === 'CERT_HAS_EXPIRED';
    if (!socket.authorized && !expired) return undefined;
    const peer = socket.getPeerCertificate(true);
    if (peer?.raw === undefined) return undefined;
    const chain: X509Certificate[] = [];
    for (let link: typeof peer | undefined = peer; link?.raw !== undefined && chain.length < LONGEST_CHAIN; ) {
      chain.push(new X509Certificate(link.raw));
      link = link.issuerCertificate === link ? undefined : link.issuerCertificate;
    }
    const [leaf, ...issuers] = chain;
    return leaf && this.#phoneOf(leaf, issuers);
  }

  /** `X-SSL-Client-Cert: <PEM, URL-encoded>`, as nginx's `$ssl_client_escaped_cert`: the proxy saw the key's proof. */
  #fromProxy(request: IncomingMessage): CertifiedPhone | undefined {
    const header = request.headers['x-ssl-client-cert'];
    if (typeof header !== 'string' || header.length > 16_384) return undefined;
    const leaf = readCertificate(header);
    return leaf && this.#phoneOf(leaf, []);
  }

  #phoneOf(leaf: X509Certificate, issuers: readonly X509Certificate[]): CertifiedPhone | undefined {
    const now = this.#now();
    const authority = trustedEnd(leaf, issuers, this.#authorities, now);
    if (authority === undefined || !isInDate(leaf, now, authority.allowExpired)) return undefined;
    const subject = leaf.subject.replaceAll('\n', ',');
    const mac = macOf(leaf);
    return mac === undefined ? undefined : { mac, vendor: authority.vendor, subject };
  }
}

/** CN of Poly and Yealink (with or without colons); Cisco puts the MAC elsewhere in the subject. */
function macOf(certificate: X509Certificate): string | undefined {
  for (const line of certificate.subject.split('\n')) {
    for (const word of line.slice(line.indexOf('=') + 1).split(/[\s,]+/)) {
      const mac = parseMac(word);
      if (mac !== undefined) return mac;
    }
  }
  return undefined;
}

function readCertificate(header: string): X509Certificate | undefined {
  try {
    return new X509Certificate(decodeURIComponent(header));
  } catch {
    // Whatever it is, it is no certificate, and the request is answered as one without.
    return undefined;
  }
}
