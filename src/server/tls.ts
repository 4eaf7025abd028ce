/** TLS of the listeners: what we show, what we ask for, what we refuse. */
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { ServerIdentities } from '../sdk/certificates/identity.ts';
import { TIMEOUTS } from './connections.ts';

/** TLS 1.3, and of TLS 1.2 what is not RC4, 3DES or CBC with SHA-1 (security.md F-18); RSA key exchange for old phones. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'DHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA256',
].join(':');

/** Phones that know nothing newer than TLS 1.0; OpenSSL wants to be asked twice. */
const LEGACY_CIPHERS = 'ECDHE-RSA-AES128-SHA:AES128-SHA:AES256-SHA:@SECLEVEL=0';

export interface TlsMaterial {
  readonly identities: ServerIdentities;
  /** PEM of the authorities whose client certificates are asked for. */
  readonly trusted: readonly string[];
  readonly legacy: boolean;
}

/** What can change while the listener runs. */
export function contextOptions({ identities, trusted, legacy }: TlsMaterial): SecureContextOptions {
  return {
    cert: identities.identities.map(({ chain }) => chain),
    key: identities.identities.map(({ key }) => ({ pem: key, passphrase: identities.passphrase })),
    minVersion: legacy ? 'TLSv1' : 'TLSv1.2',
    ...(legacy && { maxVersion: 'TLSv1.2' as const }),
    ciphers: legacy ? `${LEGACY_CIPHERS}` : CIPHERS,
    honorCipherOrder: true,
    ...(trusted.length > 0 && { ca: [...trusted], allowPartialTrustChain: true }),
  };
}

/** Client certificates are asked for, never required: a login does as well. */
export function listenerOptions(material: TlsMaterial): TlsOptions {
  return {
    ...contextOptions(material),
    requestCert: material.trusted.length > 0,
    rejectUnauthorized: false,
    handshakeTimeout: TIMEOUTS.handshake,
  };
}
