/** Private keys of this installation: how they are made, and how they lie on disk. */
import type { KeyObject } from 'node:crypto';
import type { SecretBox } from '../ports/secrets.ts';

/** RSA for phones that know nothing else, ECDSA because it costs a quarter of the CPU (toolchain.md section 5). */
export type KeyKind = 'rsa' | 'ecdsa';

// 2048 bits: SoundPoint 4.0 and Yealink V70 phones take no larger key, and a boot storm signs once per phone.
const RSA_BITS = 2048;

/** The WebCrypto name of each kind's signing algorithm. */
export const ALGORITHMS = {
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ecdsa: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
} as const;

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export async function newKeyPair(kind: KeyKind): Promise<KeyPair> {
  const { generateKeyPair } = process.getBuiltinModule('node:crypto');
  return new Promise((resolve, reject) => {
    function done(error: Error | null, publicKey: KeyObject, privateKey: KeyObject): void {
      if (error) reject(error);
      else resolve({ publicKey, privateKey });
    }
    if (kind === 'rsa') generateKeyPair('rsa', { modulusLength: RSA_BITS }, done);
    else generateKeyPair('ec', { namedCurve: 'P-256' }, done);
  });
}

/**
 * The passphrase under which private keys lie in the home. It comes from the sealing key, which is kept elsewhere, so
 * that a copied home or a backup opens no TLS connection (security.md decision 8, F-15).
 */
export function keyPassphrase(secrets: SecretBox): string {
  return secrets.fingerprint('tls private keys');
}

/** A private key as encrypted PKCS#8 PEM. */
export function exportKey(key: KeyObject, passphrase: string): string {
  return key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
}
