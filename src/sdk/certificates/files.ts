/** `<home>/tls`: one PEM file per identity, certificate chain and key together, replaced in one step. */

import type { Home } from '../ports/home.ts';
import { isSystemError } from '../system-error.ts';

export const TLS_FILES = {
  /** Our own authority: certificate and encrypted key. */
  authority: 'ca.pem',
  /** Server certificates that our authority signed. */
  own: { rsa: 'server-rsa.pem', ecdsa: 'server-ecdsa.pem' },
  /** Server certificates of somebody else's authority; when there is one, ours are not used. */
  imported: { rsa: 'imported-rsa.pem', ecdsa: 'imported-ecdsa.pem' },
} as const;

export function tlsFile(home: Home, name: string): string {
  return home.file('tls', name);
}

/** Text of a file in `<home>/tls`, `undefined` when it is not there. */
export function readTlsFile(home: Home, name: string): string | undefined {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  try {
    return readFileSync(tlsFile(home, name), 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Writes a file of `<home>/tls` (0600) so that a reader sees the old one or the new one, never a part of it. */
export function writeTlsFile(home: Home, name: string, text: string): void {
  const { mkdirSync, openSync, writeSync, fsyncSync, closeSync, renameSync } = process.getBuiltinModule('node:fs');
  mkdirSync(home.file('tls'), { recursive: true, mode: 0o700 });
  const path = tlsFile(home, name);
  const temporary = `${path}.${process.pid}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

export function deleteTlsFile(home: Home, name: string): void {
  process.getBuiltinModule('node:fs').rmSync(tlsFile(home, name), { force: true });
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[^-]+-----END (?:[A-Z]+ )?PRIVATE KEY-----/g;

/** The certificates and keys of a PEM file, each as a PEM text of its own. */
export function splitPem(text: string): { certificates: string[]; keys: string[] } {
  return {
    certificates: [...text.matchAll(CERTIFICATE)].map(([match]) => `${match}\n`),
    // Encrypted PKCS#8 keys have the word ENCRYPTED before PRIVATE KEY, which the pattern takes as a kind.
    keys: [...text.matchAll(PRIVATE_KEY)].map(([match]) => `${match}\n`),
  };
}
