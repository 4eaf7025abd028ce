/**
 * Our own certificate authority and the server certificates that it signs.
 *
 * One RSA authority signs both server certificates: a phone installs one CA, and old phones verify RSA signatures only.
 */
import type { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { PhonectlError } from '../errors.ts';
import type { Home } from '../ports/home.ts';
import type { SecretBox } from '../ports/secrets.ts';
import { readTlsFile, splitPem, TLS_FILES, writeTlsFile } from './files.ts';
import { ALGORITHMS, exportKey, type KeyKind, type KeyPair, keyPassphrase, newKeyPair } from './keys.ts';

/**
 * Phones boot with a clock in the past: 1970, 2000, or the day their firmware was built (security.md P-11). A
 * certificate that is "not yet valid" then would keep them from ever learning the time.
 */
const NOT_BEFORE = new Date(Date.UTC(1970, 0, 1));
/** The last moment that a certificate can express as UTCTime, which the oldest phones read (RFC 5280, 4.1.2.5). */
const AUTHORITY_NOT_AFTER = new Date(Date.UTC(2049, 11, 31, 23, 59, 59));
const SERVER_DAYS = 10 * 365;

export interface AuthorityOptions {
  /** Goes into the authority's subject; any text. */
  readonly company: string;
  /** DNS names and IP addresses of the server; the first is the certificate's CN. At least one. */
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Makes the authority (kept when there is one) and server certificates, RSA and ECDSA, for `names` in `<home>/tls`.
 * Private keys are encrypted with a passphrase of the sealing key. Running it again after a crash completes it.
 * Throws `invalid_input` for a name that a certificate cannot carry.
 */
export async function createAuthority(home: Home, secrets: SecretBox, options: AuthorityOptions): Promise<void> {
  checkNames(options.names);
  const passphrase = keyPassphrase(secrets);
  if (readTlsFile(home, TLS_FILES.authority) === undefined) {
    const keys = await newKeyPair('rsa');
    const certificate = await signAuthority(keys, options.company);
    writeTlsFile(home, TLS_FILES.authority, certificate + exportKey(keys.privateKey, passphrase));
  }
  await issueServerCertificates(home, secrets, options);
}

/** Signs new server certificates with the existing authority. Throws `certificate` when there is none. */
export async function issueServerCertificates(
  home: Home,
  secrets: SecretBox,
  options: Pick<AuthorityOptions, 'names' | 'now'>,
): Promise<void> {
  checkNames(options.names);
  const passphrase = keyPassphrase(secrets);
  const authority = readAuthority(home, passphrase);
  for (const kind of ['rsa', 'ecdsa'] as const) {
    const keys = await newKeyPair(kind);
    const certificate = await signServer(keys, options, authority);
    writeTlsFile(home, TLS_FILES.own[kind], certificate + exportKey(keys.privateKey, passphrase));
  }
}

interface Authority {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
}

function readAuthority(home: Home, passphrase: string): Authority {
  const { createPrivateKey, X509Certificate } = process.getBuiltinModule('node:crypto');
  const { certificates, keys } = splitPem(readTlsFile(home, TLS_FILES.authority) ?? '');
  const [certificate] = certificates;
  const [key] = keys;
  if (certificate === undefined || key === undefined) {
    throw new PhonectlError('certificate', `This home has no certificate authority (${home.file('tls')}).`, {
      hints: ['Make one with `phonectl cert renew --name HOST`.'],
    });
  }
  return { certificate: new X509Certificate(certificate), privateKey: createPrivateKey({ key, passphrase }) };
}

/** The authority's certificate as PEM, if this home has one. */
export function authorityCertificate(home: Home): string | undefined {
  return splitPem(readTlsFile(home, TLS_FILES.authority) ?? '').certificates[0];
}

const HOST =
  /^(?=.{1,253}$)(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

function checkNames(names: readonly string[]): void {
  const { isIP } = process.getBuiltinModule('node:net');
  if (names.length === 0) throw new PhonectlError('invalid_input', 'A server certificate needs at least one name.');
  for (const name of names) {
    if (isIP(name) === 0 && !HOST.test(name)) {
      throw new PhonectlError('invalid_input', `'${name}' is neither a host name nor an IP address.`, {
        hints: ['Write names as in prov.example.net and addresses as in 10.20.0.5.'],
      });
    }
  }
}

async function x509(): Promise<typeof import('@peculiar/x509')> {
  // The library registers its parts through decorators that need this polyfill first.
  await import('reflect-metadata');
  const library = await import('@peculiar/x509');
  library.cryptoProvider.set(globalThis.crypto);
  return library;
}

async function signAuthority(keys: KeyPair, company: string): Promise<string> {
  const { X509CertificateGenerator, BasicConstraintsExtension, KeyUsagesExtension, KeyUsageFlags, ...library } =
    await x509();
  const publicKey = toCryptoKey(keys.publicKey, 'rsa');
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    name: [{ CN: [`${company} phones CA`.slice(0, 64)] }, { O: [company.slice(0, 64)] }],
    notBefore: NOT_BEFORE,
    notAfter: AUTHORITY_NOT_AFTER,
    signingAlgorithm: ALGORITHMS.rsa,
    keys: { publicKey, privateKey: toCryptoKey(keys.privateKey, 'rsa') },
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await library.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

async function signServer(
  keys: KeyPair,
  { names, now }: Pick<AuthorityOptions, 'names' | 'now'>,
  authority: Authority,
): Promise<string> {
  const library = await x509();
  const { isIP } = process.getBuiltinModule('node:net');
  const kind: KeyKind = keys.publicKey.asymmetricKeyType === 'rsa' ? 'rsa' : 'ecdsa';
  const publicKey = toCryptoKey(keys.publicKey, kind);
  const issuer = new library.X509Certificate(authority.certificate.raw);
  const usage = library.KeyUsageFlags.digitalSignature;
  const certificate = await library.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: [{ CN: [(names[0] ?? '').slice(0, 64)] }],
    issuer: issuer.subjectName,
    notBefore: NOT_BEFORE,
    notAfter: new Date(now + SERVER_DAYS * 86_400_000),
    signingAlgorithm: ALGORITHMS.rsa,
    signingKey: toCryptoKey(authority.privateKey, 'rsa'),
    publicKey,
    extensions: [
      new library.BasicConstraintsExtension(false, undefined, true),
      // Key encipherment is what TLS 1.2 phones without (EC)DHE use an RSA key for.
      new library.KeyUsagesExtension(kind === 'rsa' ? usage | library.KeyUsageFlags.keyEncipherment : usage, true),
      new library.ExtendedKeyUsageExtension([library.ExtendedKeyUsage.serverAuth]),
      new library.SubjectAlternativeNameExtension(
        [...new Set(names)].map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
      ),
      await library.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await library.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

/** 120 random bits, positive, as RFC 5280 (4.1.2.2) wants them. */
function newSerialNumber(): string {
  return `01${process.getBuiltinModule('node:crypto').randomBytes(15).toString('hex')}`;
}

function toCryptoKey(key: KeyObject, kind: KeyKind): webcrypto.CryptoKey {
  const usages = key.type === 'private' ? (['sign'] as const) : (['verify'] as const);
  return key.toCryptoKey(ALGORITHMS[kind], true, [...usages]);
}
