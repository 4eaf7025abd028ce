/** What goes wrong between client and server, as errors that say what to do. */
import { PhonectlError } from '../errors.ts';

/** OpenSSL's and Node's names for a certificate that does not convince us. */
const CERTIFICATE = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Nothing of the request has reached the server: sending it again is safe whatever it was. */
const NEVER_ARRIVED = new Set(['EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND']);

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

export function neverArrived(error: unknown): boolean {
  return NEVER_ARRIVED.has(errorCode(error));
}

export function isCertificateError(error: unknown): boolean {
  return CERTIFICATE.has(errorCode(error));
}

export function networkError(error: unknown, server: string): PhonectlError {
  const code = errorCode(error);
  // Node appends advice about its own flags behind a semicolon.
  const [message] = (error instanceof Error ? error.message : String(error)).split(';', 1);
  if (isCertificateError(error)) {
    return new PhonectlError('certificate', `The certificate of ${server} is not trusted: ${message}.`, {
      hints: [
        'Name the certificate authority of the server with --ca FILE or PHONECTL_CA.',
        'On the server it is printed by `phonectl cert ca show`.',
      ],
      details: { server, reason: code },
      cause: error,
    });
  }
  return new PhonectlError('unreachable', `${server} cannot be reached: ${message}.`, {
    hints: ['Check the address, the port (8445), and whether `phonectl serve --api` is running there.'],
    details: { server, reason: code },
    cause: error,
  });
}

/** An answer that is not ours: a proxy's page, another server. */
export function strangeAnswer(server: string, status: number, type: string): PhonectlError {
  return new PhonectlError('unreachable', `${server} answered ${status} (${type}), which is not phonectl's API.`, {
    hints: ['Check the address; a proxy in between may have answered.'],
    details: { server, status },
  });
}

export function silent(server: string): PhonectlError {
  return new PhonectlError('timeout', `${server} has fallen silent.`, {
    hints: ['The work may have gone on: look before you start it again.'],
    details: { server },
  });
}
