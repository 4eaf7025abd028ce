/** Who vouches for a certificate: each signature on the way to a trusted authority is checked here. */
import type { X509Certificate } from 'node:crypto';

/** Longest way from a phone to a trusted authority: the phone, two issuers. */
const DEEPEST = 3;

/**
 * The trusted authority at the end of the chain, or `undefined`. Issuers must be authorities and in date; whether the
 * leaf itself may have expired is for the caller to say. `now` in milliseconds since the epoch.
 */
export function trustedEnd<T extends { readonly certificate: X509Certificate }>(
  leaf: X509Certificate,
  issuers: readonly X509Certificate[],
  trusted: readonly T[],
  now: number,
): T | undefined {
  let link = leaf;
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const end = trusted.find(({ certificate }) => signed(certificate, link));
    if (end !== undefined) return end;
    const next = issuers.find((issuer) => issuer.ca && signed(issuer, link) && isInDate(issuer, now));
    if (next === undefined || next === link) return undefined;
    link = next;
  }
  return undefined;
}

/** `allowExpired`: old phones carry genuine certificates that have expired (security.md P-10). */
export function isInDate(certificate: X509Certificate, now: number, allowExpired = false): boolean {
  if (certificate.validFromDate.getTime() > now) return false;
  return allowExpired || certificate.validToDate.getTime() >= now;
}

function signed(issuer: X509Certificate, subject: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}
