/**
 * Certificates of the lab: one CA per vendor, and a factory-like certificate per phone, made when first needed.
 *
 * Like the real ones they name the MAC in the subject and no host at all (poly.md A.1, H), so ordinary host checks fail.
 * ECDSA, because thousands of RSA keys would take minutes.
 */
import { webcrypto } from 'node:crypto';
import tls from 'node:tls';
import type { LabPhoneSpec, LabVendor } from './types.ts';

export interface Identity {
  /** PEM, leaf first, then the vendor CA. */
  chain: string;
  /** PEM, PKCS #8. */
  key: string;
}

interface Authority {
  pem: string;
  issue(spec: LabPhoneSpec): Promise<Identity>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const ORGANISATION: Record<LabVendor, string> = {
  poly: 'Polycom Inc.',
  yealink: 'Yealink(Xiamen) Network Technology Co.,Ltd.',
  cisco: 'Cisco Systems, Inc.',
};
/** poly.md C.9: the current Polycom chain ends on 9 March 2044. */
const VALID = { from: new Date('2015-01-01T00:00:00Z'), to: new Date('2044-03-09T00:00:00Z') };

/** Makes and remembers CAs and phone certificates. Keys live in memory only. */
export class Identities {
  readonly #authorities = new Map<LabVendor, Promise<Authority>>();
  readonly #identities = new Map<string, Promise<Identity>>();

  /** PEM of the CA that signs this vendor's phones. */
  async vendorCa(vendor: LabVendor): Promise<string> {
    return (await this.#authority(vendor)).pem;
  }

  of(spec: LabPhoneSpec): Promise<Identity> {
    let identity = this.#identities.get(spec.mac);
    if (identity === undefined) {
      identity = this.#authority(spec.vendor).then((authority) => authority.issue(spec));
      this.#identities.set(spec.mac, identity);
    }
    return identity;
  }

  #authority(vendor: LabVendor): Promise<Authority> {
    let authority = this.#authorities.get(vendor);
    if (authority === undefined) {
      authority = createAuthority(vendor);
      this.#authorities.set(vendor, authority);
    }
    return authority;
  }
}

async function createAuthority(vendor: LabVendor): Promise<Authority> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: [{ CN: [`phonectl lab ${vendor} root`] }, { O: [ORGANISATION[vendor]] }],
    notBefore: VALID.from,
    notAfter: VALID.to,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const pem = certificate.toString('pem');

  async function issue(spec: LabPhoneSpec): Promise<Identity> {
    const pair = await newKeys();
    const leaf = await x509.X509CertificateGenerator.create({
      serialNumber: `02${spec.mac}`,
      subject: subjectOf(spec).map(([field, value]) => ({ [field]: [value] })),
      issuer: certificate.subject,
      notBefore: VALID.from,
      notAfter: VALID.to,
      signingAlgorithm: ALGORITHM,
      publicKey: pair.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth]),
      ],
    });
    const der = await webcrypto.subtle.exportKey('pkcs8', pair.privateKey);
    return { chain: `${leaf.toString('pem')}\n${pem}\n`, key: x509.PemConverter.encode(der, 'PRIVATE KEY') };
  }

  return { pem, issue };
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
}

/** The subject each vendor writes: poly.md C.9, yealink.md A11, cisco.md 5. */
function subjectOf(spec: LabPhoneSpec): [string, string][] {
  const organisation: [string, string] = ['O', ORGANISATION[spec.vendor]];
  if (spec.vendor === 'poly') return [['CN', spec.mac.toUpperCase()], organisation];
  if (spec.vendor === 'yealink') return [['CN', spec.mac.replace(/..(?!$)/g, '$&:')], organisation];
  return [
    ['CN', spec.mac.toUpperCase()],
    ['OU', `CP-${/\d{4}/.exec(spec.model)?.[0] ?? spec.model}-3PCC`],
    ['L', spec.mac],
    ['ST', spec.serial ?? ''],
    organisation,
  ];
}

/** How many TLS contexts of control interfaces are kept; more phones are rarely talked to at the same time. */
const KEPT_CONTEXTS = 512;

/** TLS contexts, shared where the phones' trust and identity are the same. */
export class Contexts {
  readonly #identities: Identities;
  readonly #clients = new Map<string, tls.SecureContext>();
  readonly #servers = new Map<string, tls.SecureContext>();

  constructor(identities: Identities) {
    this.#identities = identities;
  }

  /** For a phone that trusts these CAs (none: the public roots) and shows no certificate. */
  client(ca: readonly string[]): tls.SecureContext {
    return remembered(this.#clients, ca.join('\n'), () =>
      tls.createSecureContext(ca.length > 0 ? { ca: [...ca] } : {}),
    );
  }

  /** For a phone that trusts these CAs and shows its factory certificate. */
  async clientOf(spec: LabPhoneSpec, ca: readonly string[]): Promise<tls.SecureContext> {
    const { chain, key } = await this.#identities.of(spec);
    return tls.createSecureContext({ cert: chain, key, ...(ca.length > 0 ? { ca: [...ca] } : {}) });
  }

  /** For the control interface of a phone. */
  async server(spec: LabPhoneSpec): Promise<tls.SecureContext> {
    const { chain, key } = await this.#identities.of(spec);
    return remembered(this.#servers, spec.mac, () => tls.createSecureContext({ cert: chain, key }));
  }
}

function remembered(
  contexts: Map<string, tls.SecureContext>,
  key: string,
  make: () => tls.SecureContext,
): tls.SecureContext {
  const context = contexts.get(key) ?? make();
  contexts.delete(key);
  contexts.set(key, context);
  if (contexts.size > KEPT_CONTEXTS) {
    const [oldest] = contexts.keys();
    if (oldest !== undefined) contexts.delete(oldest);
  }
  return context;
}
