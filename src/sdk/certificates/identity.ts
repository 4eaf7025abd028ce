/** What the server shows to phones: the certificates and keys that are in use. */
import type { X509Certificate } from 'node:crypto';
import { PhonectlError } from '../errors.ts';
import type { Home } from '../ports/home.ts';
import type { SecretBox } from '../ports/secrets.ts';
import { authorityCertificate } from './authority.ts';
import { readTlsFile, splitPem, TLS_FILES } from './files.ts';
import { type KeyKind, keyPassphrase } from './keys.ts';

export interface Identity {
  readonly kind: KeyKind;
  /** PEM; the server's certificate first, then what leads to its root. */
  readonly chain: string;
  /** Encrypted PKCS#8 PEM. */
  readonly key: string;
  readonly certificate: X509Certificate;
}

export interface ServerIdentities {
  readonly identities: readonly Identity[];
  readonly passphrase: string;
  /** `imported` when the certificate comes from somebody else's authority. */
  readonly source: 'own' | 'imported';
  /** PEM of our authority when it signed what the server shows: phones have to learn it. */
  readonly caCertificate?: string;
}

/** The identities in use. Throws `certificate` when the home has none that is complete. */
export function readIdentities(home: Home, secrets: SecretBox): ServerIdentities {
  const passphrase = keyPassphrase(secrets);
  const imported = readSet(home, TLS_FILES.imported);
  if (imported.length > 0) return { identities: imported, passphrase, source: 'imported' };
  const own = readSet(home, TLS_FILES.own);
  const caCertificate = authorityCertificate(home);
  if (own.length === 0 || caCertificate === undefined) {
    throw new PhonectlError('certificate', `There is no server certificate in ${home.file('tls')}.`, {
      hints: ['Make one with `phonectl cert renew`.', 'Or install one with `phonectl cert import FILE --key FILE`.'],
    });
  }
  return { identities: own, passphrase, source: 'own', caCertificate };
}

function readSet(home: Home, files: Readonly<Record<KeyKind, string>>): Identity[] {
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  const found: Identity[] = [];
  for (const kind of ['rsa', 'ecdsa'] as const) {
    const text = readTlsFile(home, files[kind]);
    if (text === undefined) continue;
    const { certificates, keys } = splitPem(text);
    const [leaf] = certificates;
    const [key] = keys;
    if (leaf === undefined || key === undefined) {
      throw new PhonectlError('certificate', `${home.file('tls', files[kind])} holds no certificate with its key.`, {
        hints: ['Make a new one with `phonectl cert renew`, or import it again with `phonectl cert import`.'],
      });
    }
    found.push({ kind, chain: certificates.join(''), key, certificate: new X509Certificate(leaf) });
  }
  return found;
}
