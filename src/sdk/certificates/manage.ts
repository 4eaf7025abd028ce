/** Certificates for people: status, renewal, import, trust. */
import type { KeyObject } from 'node:crypto';
import { PROVISIONING_URL } from '../configuration/base.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { TrustedAuthority } from '../ports/trust.ts';
import { writeOrRehearse } from '../rehearse.ts';
import { authorityCertificate, createAuthority } from './authority.ts';
import { checkAuthority, checkChain, checkServerCertificate, covers, readCertificate, subjectOf } from './checks.ts';
import { deleteTlsFile, splitPem, TLS_FILES, writeTlsFile } from './files.ts';
import { type Identity, readIdentities } from './identity.ts';
import { exportKey, type KeyKind, keyPassphrase } from './keys.ts';

export interface CertificateStatus {
  readonly kind: KeyKind;
  readonly source: 'own' | 'imported';
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  /** ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly daysLeft: number;
  /** SHA-256, hex. */
  readonly fingerprint: string;
  /** Hosts of the provisioning URL and of `init --also` that the certificate does not name. */
  readonly missing: readonly string[];
  readonly state: 'ok' | 'expiring' | 'expired' | 'wrong-name';
}

/** From here on `cert status` warns; days. */
const WARN_DAYS = 30;

/** The server certificates in use. Throws `certificate` when there is none. */
export async function certificateStatus(context: OperationContext): Promise<readonly CertificateStatus[]> {
  const { identities, source } = readIdentities(context.home, context.secrets);
  const hosts = await servedHosts(context);
  return identities.map((identity) => statusOf(identity, source, hosts, context.clock.now()));
}

function statusOf(
  { kind, certificate }: Pick<Identity, 'kind' | 'certificate'>,
  source: CertificateStatus['source'],
  hosts: readonly string[],
  now: number,
): CertificateStatus {
  const daysLeft = Math.floor((certificate.validToDate.getTime() - now) / 86_400_000);
  const missing = hosts.filter((host) => !covers(certificate, host));
  const state = daysLeft < 0 ? 'expired' : missing.length > 0 ? 'wrong-name' : daysLeft < WARN_DAYS ? 'expiring' : 'ok';
  return {
    kind,
    source,
    subject: subjectOf(certificate),
    issuer: certificate.issuer.replaceAll('\n', ', '),
    names: (certificate.subjectAltName ?? '').split(', ').map((name) => name.replace(/^(?:DNS|IP Address):/, '')),
    notBefore: certificate.validFromDate.toISOString(),
    notAfter: certificate.validToDate.toISOString(),
    daysLeft,
    fingerprint: fingerprintOf(certificate.fingerprint256),
    missing,
    state,
  };
}

function fingerprintOf(text: string): string {
  return text.replaceAll(':', '').toLowerCase();
}

/** Hosts that phones call the server by. */
async function servedHosts({ read }: OperationContext): Promise<readonly string[]> {
  const url = await read.settings.get<string>(PROVISIONING_URL);
  const names = (await read.settings.get<readonly string[]>('provisioning.names')) ?? [];
  const host = url === undefined ? [] : [new URL(url).hostname.replace(/^\[|\]$/g, '')];
  return [...new Set([...host, ...names])];
}

/** Signs new server certificates with our own authority, for the known names and further ones. */
export async function renewCertificates(
  context: OperationContext,
  input: { readonly also?: readonly string[] | undefined; readonly dryRun?: boolean | undefined },
): Promise<readonly CertificateStatus[]> {
  if (input.dryRun === true) return await certificateStatus(context);
  const names = [...new Set([...(await servedHosts(context)), ...(input.also ?? [])])];
  const company = (await context.read.settings.get<string>('company')) ?? 'phonectl';
  await context.write(async ({ settings }) => {
    await settings.set('provisioning.names', names);
    await createAuthority(context.home, context.secrets, { company, names, now: context.clock.now() });
    return [undefined, { object: 'server certificate', result: 'done', details: { names } }];
  });
  return await certificateStatus(context);
}

export interface ImportInput {
  /** PEM: the server's certificate, then the authorities above it. */
  readonly certificate: string;
  /** PEM; encrypted with `passphrase` or not. Looked for in `certificate` when it is not given. */
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
  /** Only looks whether it could be installed, and shows it. */
  readonly dryRun?: boolean | undefined;
}

/** Installs a server certificate of somebody else's authority. Throws `certificate` with the reason. */
export async function importCertificate(
  context: OperationContext,
  input: ImportInput,
): Promise<readonly CertificateStatus[]> {
  const now = context.clock.now();
  const { certificates, keys } = splitPem(input.certificate);
  const chain = certificates.map((pem) => readCertificate(pem, 'The file'));
  const [leaf] = chain;
  const keyText = (input.key === undefined ? keys : splitPem(input.key).keys)[0];
  if (leaf === undefined) throw new PhonectlError('certificate', 'The file holds no certificate in PEM form.');
  if (keyText === undefined) {
    throw new PhonectlError('certificate', 'There is no private key in PEM form.', {
      hints: ['Name its file with --key.'],
    });
  }
  const key = readKey(keyText, input.passphrase);
  const url = await context.read.settings.get<string>(PROVISIONING_URL);
  checkServerCertificate(leaf, key, url === undefined ? [] : [new URL(url).hostname.replace(/^\[|\]$/g, '')], now);
  checkChain(chain, now);
  const kind: KeyKind = key.asymmetricKeyType === 'rsa' ? 'rsa' : 'ecdsa';
  const fingerprint = fingerprintOf(leaf.fingerprint256);
  if (input.dryRun === true) {
    const identity = { kind, certificate: leaf };
    return [statusOf(identity, 'imported', await servedHosts(context), now)];
  }
  await context.write(async () => {
    const text = certificates.join('') + exportKey(key, keyPassphrase(context.secrets));
    writeTlsFile(context.home, TLS_FILES.imported[kind], text);
    return [undefined, { object: 'server certificate', result: 'done', details: { kind, fingerprint } }];
  });
  return await certificateStatus(context);
}

function readKey(pem: string, passphrase: string | undefined): KeyObject {
  const { createPrivateKey } = process.getBuiltinModule('node:crypto');
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) });
  } catch (cause) {
    throw new PhonectlError('certificate', 'The private key cannot be read.', {
      hints: ['If it is encrypted, give its passphrase with --passphrase-stdin or --passphrase-file.'],
      cause,
    });
  }
}

/** Goes back to the certificates of our own authority. Throws `not_found` when none was imported. */
export async function removeImported(
  context: OperationContext,
  input: { readonly dryRun?: boolean | undefined } = {},
): Promise<readonly CertificateStatus[]> {
  if (readIdentities(context.home, context.secrets).source === 'own') {
    throw new PhonectlError('not_found', 'No certificate was imported: our own is in use.');
  }
  if (input.dryRun === true) return await certificateStatus(context);
  await context.write(async () => {
    for (const name of Object.values(TLS_FILES.imported)) deleteTlsFile(context.home, name);
    return [undefined, { object: 'server certificate', result: 'done', details: { source: 'own' } }];
  });
  return await certificateStatus(context);
}

export interface ShownAuthority {
  readonly subject: string;
  readonly notAfter: string;
  readonly fingerprint: string;
  readonly pem: string;
}

/** Our own authority. Throws `not_found`. */
export async function ownAuthority({ home }: OperationContext): Promise<ShownAuthority> {
  const pem = authorityCertificate(home);
  if (pem === undefined) {
    throw new PhonectlError('not_found', 'This home has no certificate authority.', {
      hints: ['Make one with `phonectl cert renew`.'],
    });
  }
  const certificate = readCertificate(pem, home.file('tls'));
  return {
    subject: subjectOf(certificate),
    notAfter: certificate.validToDate.toISOString(),
    fingerprint: fingerprintOf(certificate.fingerprint256),
    pem,
  };
}

export interface TrustInput {
  readonly vendor: 'poly' | 'yealink' | 'cisco';
  /** PEM, one or several authorities. */
  readonly certificates: string;
  /** Accepts expired phones' certificates, and an authority that has expired or is signed with SHA-1. */
  readonly allowExpired?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
}

export type ShownTrust = Omit<TrustedAuthority, 'id' | 'createdAt' | 'pem'> & { readonly notAfter: string };

/** Trusts authorities of a vendor. Throws `certificate`, `exists`. */
export async function trustAuthorities(context: OperationContext, input: TrustInput): Promise<readonly ShownTrust[]> {
  const { certificates } = splitPem(input.certificates);
  if (certificates.length === 0) throw new PhonectlError('certificate', 'The file holds no certificate in PEM form.');
  const allowExpired = input.allowExpired ?? false;
  const now = context.clock.now();
  const authorities = certificates.map((pem) => {
    const certificate = readCertificate(pem, 'The file');
    checkAuthority(certificate, { now, allowOld: allowExpired });
    const fingerprint = fingerprintOf(certificate.fingerprint256);
    return { vendor: input.vendor, subject: subjectOf(certificate), fingerprint, pem, allowExpired, createdAt: now };
  });
  await writeOrRehearse(context, input.dryRun, async ({ trust }) => {
    for (const authority of authorities) await trust.add(authority);
    const details = { vendor: input.vendor, fingerprints: authorities.map(({ fingerprint }) => fingerprint) };
    return [undefined, { object: `authorities (${authorities.length})`, result: 'done', details }];
  });
  return authorities.map(shownTrust);
}

export function shownTrust({
  vendor,
  subject,
  fingerprint,
  allowExpired,
  pem,
}: Omit<TrustedAuthority, 'id'>): ShownTrust {
  const notAfter = readCertificate(pem, 'The store').validToDate.toISOString();
  return { vendor, subject, fingerprint, allowExpired, notAfter };
}

/** Stops trusting an authority, named by the beginning of its fingerprint. Throws `not_found`, `ambiguous`. */
export async function distrust(
  context: OperationContext,
  input: { readonly fingerprint: string; readonly dryRun?: boolean | undefined },
): Promise<ShownTrust> {
  const wanted = input.fingerprint.replaceAll(':', '').toLowerCase();
  if (!/^[0-9a-f]{8,64}$/.test(wanted)) {
    throw new PhonectlError('invalid_input', `'${input.fingerprint}' is not the beginning of a fingerprint.`, {
      hints: ['Give at least its first eight digits, as `phonectl cert trust list` shows them.'],
    });
  }
  return await writeOrRehearse(context, input.dryRun, async ({ trust }) => {
    const [removed, ...others] = await trust.remove(wanted);
    if (removed === undefined) throw new PhonectlError('not_found', `No trusted authority begins with ${wanted}.`);
    if (others.length > 0)
      throw new PhonectlError('ambiguous', `${others.length + 1} authorities begin with ${wanted}.`);
    const details = { vendor: removed.vendor, fingerprint: removed.fingerprint };
    return [shownTrust(removed), { object: 'authorities (1)', result: 'done', details }];
  });
}
