/** What a certificate must be before it is installed or trusted (security.md S-07). */
import type { KeyObject, X509Certificate } from 'node:crypto';
import { PhonectlError } from '../errors.ts';

const LEAST_RSA_BITS = 2048;
const LEAST_EC_BITS = 256;
const OID_SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const OID_ANY = '2.5.29.37.0';

/** Reads one PEM certificate. Throws `certificate` when it is none. */
export function readCertificate(pem: string, from: string): X509Certificate {
  const { X509Certificate: Certificate } = process.getBuiltinModule('node:crypto');
  try {
    return new Certificate(pem);
  } catch (cause) {
    throw refuse(`${from} holds something that is not a certificate`, { cause });
  }
}

/** A server certificate with its key, for these hosts. Throws `certificate` with the reason. */
export function checkServerCertificate(
  leaf: X509Certificate,
  key: KeyObject,
  hosts: readonly string[],
  now: number,
): void {
  checkStrength(leaf);
  checkValidity(leaf, now);
  if (leaf.ca) throw refuse(`${subjectOf(leaf)} is an authority's certificate, not a server's`);
  if (leaf.keyUsage !== undefined && !leaf.keyUsage.some((usage) => usage === OID_SERVER_AUTH || usage === OID_ANY)) {
    throw refuse(`${subjectOf(leaf)} is not meant for servers (extended key usage)`);
  }
  if (!leaf.checkPrivateKey(key)) throw refuse(`The key does not belong to the certificate of ${subjectOf(leaf)}`);
  const missing = hosts.filter((host) => !covers(leaf, host));
  if (missing.length > 0) {
    throw refuse(`The certificate of ${subjectOf(leaf)} does not name ${missing.join(', ')}`, {
      hints: ['Phones refuse a server whose name is not in its certificate: get one that names it.'],
    });
  }
}

/** Each certificate of a chain signs the one before it. */
export function checkChain(chain: readonly X509Certificate[], now: number): void {
  for (const [index, issuer] of chain.entries()) {
    const subject = chain[index - 1];
    if (subject === undefined) continue;
    checkStrength(issuer);
    checkValidity(issuer, now);
    if (!issuer.ca || !subject.checkIssued(issuer) || !subject.verify(issuer.publicKey)) {
      throw refuse(`${subjectOf(issuer)} did not sign ${subjectOf(subject)}`, {
        hints: ['Put the server certificate first, then each authority after what it signed.'],
      });
    }
  }
}

/** An authority that vouches for phones. `allowOld` admits SHA-1, which old vendor authorities are signed with. */
export function checkAuthority(certificate: X509Certificate, options: { now: number; allowOld: boolean }): void {
  if (!certificate.ca) throw refuse(`${subjectOf(certificate)} is not an authority (basic constraints)`);
  checkStrength(certificate, options.allowOld);
  if (!options.allowOld) checkValidity(certificate, options.now);
}

export function covers(certificate: X509Certificate, host: string): boolean {
  const { isIP } = process.getBuiltinModule('node:net');
  return (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;
}

export function subjectOf(certificate: X509Certificate): string {
  return certificate.subject?.replaceAll('\n', ', ') || 'a certificate without a name';
}

function checkStrength(certificate: X509Certificate, allowOld = false): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  const bits = type === 'rsa' ? details?.modulusLength : curveBits(details?.namedCurve);
  const least = type === 'rsa' ? LEAST_RSA_BITS : LEAST_EC_BITS;
  if ((type !== 'rsa' && type !== 'ec') || bits === undefined || bits < least) {
    throw refuse(`${subjectOf(certificate)} has a key that is too weak or of an unknown kind (${type} ${bits ?? '?'})`);
  }
  const algorithm = certificate.signatureAlgorithm ?? '';
  if (/md[245]/i.test(algorithm) || (/sha1/i.test(algorithm) && !allowOld)) {
    throw refuse(`${subjectOf(certificate)} is signed with ${algorithm}, which can be forged`);
  }
}

function curveBits(name: string | undefined): number | undefined {
  return Number(/(\d{3})/.exec(name ?? '')?.[1]) || undefined;
}

function checkValidity(certificate: X509Certificate, now: number): void {
  if (certificate.validToDate.getTime() < now) {
    throw refuse(`${subjectOf(certificate)} expired on ${certificate.validToDate.toISOString().slice(0, 10)}`);
  }
  if (certificate.validFromDate.getTime() > now) {
    throw refuse(`${subjectOf(certificate)} is not valid before ${certificate.validFromDate.toISOString()}`);
  }
}

function refuse(why: string, options: { cause?: unknown; hints?: readonly string[] } = {}): PhonectlError {
  return new PhonectlError('certificate', `${why}.`, options);
}
