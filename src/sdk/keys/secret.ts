/** Ids, secrets and tokens of the management API, and what is stored of them. */
import type { KeyObject } from 'node:crypto';
import type { KeyProof } from '../ports/keys.ts';
import type { SecretBox } from '../ports/secrets.ts';

/** What a program presents: `pk_…` names it, `ps_…` proves it. */
export interface AccessKey {
  readonly id: string;
  readonly secret: string;
}

const KEY_ID = /^pk_[a-z2-7]{16}$/;
const KEY_SECRET = /^ps_[A-Za-z0-9_-]{43}$/;
const SESSION_TOKEN = /^pt_[A-Za-z0-9_-]{43}$/;

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** 80 random bits for the name, 256 for the secret. */
export function newAccessKey(): AccessKey {
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const id = Array.from(randomBytes(16), (byte) => BASE32[byte & 31]).join('');
  return { id: `pk_${id}`, secret: `ps_${randomBytes(32).toString('base64url')}` };
}

/** 256 random bits: a session of a user, or a link to reset a password. */
export function newToken(): string {
  return `pt_${process.getBuiltinModule('node:crypto').randomBytes(32).toString('base64url')}`;
}

/** What stands behind `Bearer`: `<id>.<secret>` of a key, or the token of a session. */
export function parseBearer(text: string): AccessKey | { readonly token: string } | undefined {
  if (SESSION_TOKEN.test(text)) return { token: text };
  const [id = '', secret = '', rest] = text.split('.');
  return rest === undefined && KEY_ID.test(id) && KEY_SECRET.test(secret) ? { id, secret } : undefined;
}

/** What the store keeps of a key. */
export function keyProof(key: AccessKey, secrets: SecretBox): KeyProof {
  return { verifier: secrets.fingerprint(`access key ${key.secret}`), publicKey: publicKeyOf(signingKey(key)) };
}

export function tokenFingerprint(token: string, secrets: SecretBox): string {
  return secrets.fingerprint(`token ${token}`);
}

/** Compares two keyed hashes in constant time. */
export function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && process.getBuiltinModule('node:crypto').timingSafeEqual(left, right);
}

// RFC 8410: an Ed25519 private key as PKCS#8 and a public key as SubjectPublicKeyInfo are these bytes and the 32 of the key.
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** The Ed25519 key that signs the requests of an access key; derived from the secret, so that nothing else is kept. */
export function signingKey({ id, secret }: AccessKey): KeyObject {
  const { createPrivateKey, hkdfSync } = process.getBuiltinModule('node:crypto');
  const seed = Buffer.from(hkdfSync('sha256', secret, id, 'phonectl request signing', 32));
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

function publicKeyOf(privateKey: KeyObject): string {
  const { createPublicKey } = process.getBuiltinModule('node:crypto');
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return der.subarray(SPKI_PREFIX.length).toString('base64url');
}

/** The stored public key as a key to verify with. */
export function verifyingKey(publicKey: string): KeyObject {
  const { createPublicKey } = process.getBuiltinModule('node:crypto');
  const der = Buffer.concat([SPKI_PREFIX, Buffer.from(publicKey, 'base64url')]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}
