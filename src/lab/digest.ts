/**
 * HTTP Basic and Digest (RFC 7617, RFC 7616), for the phones as clients and as servers, and for SIP (RFC 8760).
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Credential } from './types.ts';

export interface Challenge {
  scheme: 'basic' | 'digest';
  params: ReadonlyMap<string, string>;
}

const ALGORITHMS: Record<string, string> = { md5: 'md5', 'sha-256': 'sha256' };

/** Parses the values of WWW-Authenticate headers; each may hold several challenges. Unknown schemes are left out. */
export function parseChallenges(values: readonly string[]): Challenge[] {
  const found: Challenge[] = [];
  for (const value of values) {
    let params: Map<string, string> | undefined;
    for (const match of value.matchAll(/([A-Za-z][\w-]*)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*)))?/g)) {
      const [, word = '', quoted, plain] = match;
      const given = quoted?.replace(/\\(.)/g, '$1') ?? plain;
      if (given !== undefined) {
        params?.set(word.toLowerCase(), given);
        continue;
      }
      const scheme = word.toLowerCase();
      params = new Map();
      if (scheme === 'basic' || scheme === 'digest') found.push({ scheme, params });
    }
  }
  return found;
}

export function basicHeader(credential: Credential): string {
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`, 'utf8').toString('base64')}`;
}

/** Answers a Digest challenge, or returns null where its algorithm or qop is not known. `nc` counts from 1 per nonce. */
export function digestHeader(
  challenge: Challenge,
  credential: Credential,
  request: { method: string; uri: string; nc: number },
): string | null {
  const { params } = challenge;
  const hash = ALGORITHMS[(params.get('algorithm') ?? 'MD5').toLowerCase()];
  const realm = params.get('realm') ?? '';
  const nonce = params.get('nonce');
  const qops = params
    .get('qop')
    ?.split(',')
    .map((qop) => qop.trim().toLowerCase());
  if (hash === undefined || nonce === undefined || (qops !== undefined && !qops.includes('auth'))) return null;
  const ha1 = hex(hash, `${credential.username}:${realm}:${credential.password}`);
  const ha2 = hex(hash, `${request.method}:${request.uri}`);
  const fields = [
    `username="${quoted(credential.username)}"`,
    `realm="${quoted(realm)}"`,
    `nonce="${quoted(nonce)}"`,
    `uri="${quoted(request.uri)}"`,
  ];
  if (qops === undefined) {
    fields.push(`response="${hex(hash, `${ha1}:${nonce}:${ha2}`)}"`);
  } else {
    const nc = request.nc.toString(16).padStart(8, '0');
    const cnonce = randomBytes(8).toString('hex');
    const response = hex(hash, `${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`);
    fields.push('qop=auth', `nc=${nc}`, `cnonce="${cnonce}"`, `response="${response}"`);
  }
  const algorithm = params.get('algorithm');
  if (algorithm !== undefined) fields.push(`algorithm=${algorithm}`);
  const opaque = params.get('opaque');
  if (opaque !== undefined) fields.push(`opaque="${quoted(opaque)}"`);
  return `Digest ${fields.join(', ')}`;
}

export type Scheme = 'basic' | 'digest-md5' | 'digest-sha256';

/** How long a nonce of ours is taken. */
const NONCE_LIFE = 300_000;

/** The server side: makes challenges and checks what comes back. Holds no state but its own key. */
export class Authenticator {
  readonly #key = randomBytes(16);

  /** Values for WWW-Authenticate, one per scheme, in the given order. */
  challenges(realm: string, schemes: readonly Scheme[]): string[] {
    return schemes.map((scheme) => {
      if (scheme === 'basic') return `Basic realm="${quoted(realm)}"`;
      const algorithm = scheme === 'digest-md5' ? 'MD5' : 'SHA-256';
      return `Digest realm="${quoted(realm)}", qop="auth", nonce="${this.#nonce()}", algorithm=${algorithm}`;
    });
  }

  /** Does this Authorization header prove one of the credentials by one of the schemes? */
  accepts(
    header: string | undefined,
    method: string,
    credentials: readonly Credential[],
    realm: string,
    schemes: readonly Scheme[],
  ): boolean {
    if (header === undefined) return false;
    const space = header.indexOf(' ');
    const scheme = header.slice(0, space).toLowerCase();
    if (scheme === 'basic' && schemes.includes('basic')) {
      return credentials.some((credential) => same(header.slice(space + 1).trim(), basicHeader(credential).slice(6)));
    }
    if (scheme !== 'digest') return false;
    const params = parseChallenges([header])[0]?.params;
    if (params === undefined) return false;
    const algorithm = (params.get('algorithm') ?? 'MD5').toLowerCase();
    const hash = ALGORITHMS[algorithm];
    if (hash === undefined || !schemes.includes(algorithm === 'md5' ? 'digest-md5' : 'digest-sha256')) return false;
    if (params.get('realm') !== realm || !this.#fresh(params.get('nonce') ?? '')) return false;
    return credentials.some((credential) => {
      if (params.get('username') !== credential.username) return false;
      const ha1 = hex(hash, `${credential.username}:${realm}:${credential.password}`);
      const ha2 = hex(hash, `${method}:${params.get('uri') ?? ''}`);
      const middle =
        params.get('qop') === undefined
          ? params.get('nonce')
          : [params.get('nonce'), params.get('nc'), params.get('cnonce'), params.get('qop')].join(':');
      return same(params.get('response') ?? '', hex(hash, `${ha1}:${middle}:${ha2}`));
    });
  }

  #nonce(): string {
    const time = Date.now().toString(36);
    return `${time}-${this.#seal(time)}`;
  }

  #fresh(nonce: string): boolean {
    const [time = '', seal = ''] = nonce.split('-');
    return same(seal, this.#seal(time)) && Date.now() - Number.parseInt(time, 36) < NONCE_LIFE;
  }

  #seal(time: string): string {
    return createHmac('sha256', this.#key).update(time).digest('hex').slice(0, 24);
  }
}

function hex(hash: string, text: string): string {
  return createHash(hash).update(text, 'utf8').digest('hex');
}

function quoted(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
