/**
 * Signed requests: HTTP Message Signatures (RFC 9421) with Ed25519, and Content-Digest (RFC 9530). The secret then never
 * leaves the client, which matters where a proxy ends TLS and writes logs.
 *
 * One shape is spoken and accepted: the components below, in this order, with `created`, `nonce`, `keyid`, `alg`.
 */
import { type AccessKey, signingKey, verifyingKey } from './secret.ts';

/** What is signed of a request. */
export interface SignedParts {
  readonly method: string;
  /** Host and port as in the Host header. */
  readonly authority: string;
  readonly path: string;
  /** With its question mark; `?` alone when there is none (RFC 9421 section 2.2.7). */
  readonly query: string;
  /** Value of the Content-Digest header; absent for a request without a body, or with one that is streamed. */
  readonly contentDigest?: string;
}

export interface SignatureHeaders {
  readonly signatureInput: string;
  readonly signature: string;
}

const LABEL = 'phonectl';

export function contentDigest(body: string | Uint8Array): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

/** Signs a request; `now` in milliseconds since the epoch. */
export function signRequest(key: AccessKey, parts: SignedParts, now: number): SignatureHeaders {
  const { randomBytes, sign } = process.getBuiltinModule('node:crypto');
  const created = Math.floor(now / 1000);
  const nonce = randomBytes(16).toString('base64url');
  const parameters = `${components(parts)};created=${created};nonce="${nonce}";keyid="${key.id}";alg="ed25519"`;
  const signature = sign(null, Buffer.from(signatureBase(parts, parameters)), signingKey(key));
  return {
    signatureInput: `${LABEL}=${parameters}`,
    signature: `${LABEL}=:${signature.toString('base64')}:`,
  };
}

export interface ParsedSignature {
  readonly keyId: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly nonce: string;
  readonly coversDigest: boolean;
  /** Whether the signature is of these parts and of the key. */
  verify(parts: SignedParts, publicKey: string): boolean;
}

const INPUT =
  /^phonectl=(\("@method" "@authority" "@path" "@query"( "content-digest")?\);created=(\d{1,12});nonce="([A-Za-z0-9_-]{16,64})";keyid="([a-z0-9_]{1,40})";alg="ed25519")$/;
const VALUE = /^phonectl=:([A-Za-z0-9+/]{86}==):$/;

/** Reads the two headers; `undefined` when they are not of our shape. */
export function parseSignature({ signatureInput, signature }: SignatureHeaders): ParsedSignature | undefined {
  const input = INPUT.exec(signatureInput);
  const value = VALUE.exec(signature);
  if (input === null || value === null) return undefined;
  const [, parameters = '', digest, created, nonce = '', keyId = ''] = input;
  const bytes = Buffer.from(value[1] ?? '', 'base64');
  return {
    keyId,
    created: Number(created),
    nonce,
    coversDigest: digest !== undefined,
    verify(parts, publicKey) {
      const { verify } = process.getBuiltinModule('node:crypto');
      const base = Buffer.from(signatureBase(parts, parameters));
      return verify(null, base, verifyingKey(publicKey), bytes);
    },
  };
}

function components({ contentDigest: digest }: SignedParts): string {
  return `("@method" "@authority" "@path" "@query"${digest === undefined ? '' : ' "content-digest"'})`;
}

/** RFC 9421 section 2.5. */
function signatureBase(parts: SignedParts, parameters: string): string {
  const lines = [
    `"@method": ${parts.method}`,
    `"@authority": ${parts.authority.toLowerCase()}`,
    `"@path": ${parts.path}`,
    `"@query": ${parts.query === '' ? '?' : parts.query}`,
  ];
  if (parts.contentDigest !== undefined) lines.push(`"content-digest": ${parts.contentDigest}`);
  return [...lines, `"@signature-params": ${parameters}`].join('\n');
}
