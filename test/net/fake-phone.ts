/** A phone's HTTPS side in a few lines, for tests: certificate with the MAC as CN, any request handler. */
import { generateKeyPairSync } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface FakePhone {
  readonly url: string;
  readonly connections: number;
  close(): Promise<void>;
}

export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** Self-signed, as phones without a factory certificate have it. */
export async function selfSigned(commonName: string): Promise<Identity> {
  await import('reflect-metadata');
  const { X509CertificateGenerator, cryptoProvider } = await import('@peculiar/x509');
  cryptoProvider.set(globalThis.crypto);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: [{ CN: [commonName] }, { O: ['Example Phones'] }],
    notBefore: new Date('2010-01-01'),
    notAfter: new Date('2044-03-09'),
    signingAlgorithm: algorithm,
    keys: {
      publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']),
      privateKey: privateKey.toCryptoKey(algorithm, true, ['sign']),
    },
  });
  return { key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })), cert: certificate.toString('pem') };
}

/** Listens on loopback; without an identity it speaks plain HTTP. */
export async function fakePhone(identity: Identity | undefined, handler: RequestListener): Promise<FakePhone> {
  const server = identity === undefined ? createHttpServer(handler) : createServer(identity, handler);
  let connections = 0;
  server.on(identity === undefined ? 'connection' : 'secureConnection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${identity === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    get connections() {
      return connections;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
