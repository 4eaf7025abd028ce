/**
 * HTTP Digest (RFC 7616) on the server's side, MD5 and SHA-256 with qop=auth. Nonces are signed, bound to the client's
 * address, good for five minutes, and each count is taken once (security.md S-09).
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const LIFETIME = 5 * 60_000;
/** Nonces whose counts are remembered; only a caller who knew a password gets one in here. */
const MOST_NONCES = 100_000;

export interface DigestCredentials {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly cnonce: string;
  readonly nc: string;
  readonly algorithm: 'MD5' | 'SHA-256';
}

/** Reads `Digest …`; `undefined` for anything that is not complete. */
export function parseDigest(header: string): DigestCredentials | undefined {
  if (!/^digest /i.test(header) || header.length > 4_096) return undefined;
  const values = new Map<string, string>();
  for (const [, name, quoted, plain] of header
    .slice(7)
    .matchAll(/([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))/gi)) {
    values.set((name ?? '').toLowerCase(), quoted === undefined ? (plain ?? '') : quoted.replace(/\\(.)/g, '$1'));
  }
  const algorithm = (values.get('algorithm') ?? 'MD5').toUpperCase();
  if (algorithm !== 'MD5' && algorithm !== 'SHA-256') return undefined;
  if (values.get('qop') !== 'auth') return undefined;
  const [username, realm, nonce, uri, response, cnonce, nc] = FIELDS.map((name) => values.get(name)) as string[];
  if ([username, realm, nonce, uri, response, cnonce, nc].some((value) => value === undefined)) return undefined;
  return { username, realm, nonce, uri, response, cnonce, nc, algorithm } as DigestCredentials;
}

const FIELDS = ['username', 'realm', 'nonce', 'uri', 'response', 'cnonce', 'nc'];

export class DigestNonces {
  // Of this process alone: a nonce of another process is stale here, so that its counts cannot be used twice.
  readonly #key = randomBytes(32);
  readonly #counts = new Map<string, { highest: number; expires: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  issue(address: string): string {
    const stamp = this.#now().toString(36);
    const salt = randomBytes(9).toString('base64url');
    return `${stamp}.${salt}.${this.#sign(stamp, salt, address)}`;
  }

  /** Whether the nonce is ours, for this address, and not too old. */
  isFresh(nonce: string, address: string): boolean {
    const [stamp = '', salt = '', signature = '', ...rest] = nonce.split('.');
    if (rest.length > 0) return false;
    const age = this.#now() - Number.parseInt(stamp, 36);
    return age >= 0 && age <= LIFETIME && equal(signature, this.#sign(stamp, salt, address));
  }

  /** Takes a count once. Call it after the password was proved right, so that nobody else fills the memory. */
  use(nonce: string, nc: string): boolean {
    const count = /^[0-9a-f]{8}$/i.test(nc) ? Number.parseInt(nc, 16) : 0;
    const known = this.#counts.get(nonce);
    if (count <= (known?.highest ?? 0)) return false;
    if (known === undefined && this.#counts.size >= MOST_NONCES) this.#forget();
    this.#counts.set(nonce, { highest: count, expires: this.#now() + LIFETIME });
    return true;
  }

  #forget(): void {
    const now = this.#now();
    for (const [nonce, { expires }] of this.#counts) {
      // Insertion order is roughly the order of expiry: the first ones go even when they are still good.
      if (expires > now && this.#counts.size < MOST_NONCES) break;
      this.#counts.delete(nonce);
    }
  }

  #sign(stamp: string, salt: string, address: string): string {
    return createHmac('sha256', this.#key).update(`${stamp}.${salt}.${address}`).digest('base64url').slice(0, 22);
  }
}

/** Whether the response was made with this password for this very request. */
export function matchesDigest(credentials: DigestCredentials, method: string, password: string): boolean {
  const { username, realm, nonce, uri, response, cnonce, nc, algorithm } = credentials;
  const hash = (text: string): string =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const secret = hash(`${username}:${realm}:${password}`);
  const expected = hash(`${secret}:${nonce}:${nc}:${cnonce}:auth:${hash(`${method}:${uri}`)}`);
  return equal(expected, response.toLowerCase());
}

/** Comparison that takes the same time wherever the texts differ. */
export function equal(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
