import assert from 'node:assert/strict';
import { type KeyObject, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { createAuthority, issueServerCertificates } from '../../src/sdk/certificates/authority.ts';
import { readIdentities, type ServerIdentities } from '../../src/sdk/certificates/identity.ts';
import { isPhonectlError } from '../../src/sdk/errors.ts';
import type { Home } from '../../src/sdk/ports/home.ts';
import { newKeyFile, parseKeyFile, secretBox } from '../../src/store/secrets.ts';

const NOW = Date.UTC(2026, 10, 22);

describe('certificates of a home', () => {
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-tls-'));
  const home: Home = { path: folder, file: (...segments) => join(folder, ...segments) };
  const secrets = secretBox(parseKeyFile(newKeyFile(), 'test'));
  const options = { company: 'Größe & Söhne', names: ['prov.example.net', '127.0.0.1'], now: NOW };
  let identities: ServerIdentities;

  before(async () => {
    await createAuthority(home, secrets, options);
    identities = readIdentities(home, secrets);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('has an RSA and an ECDSA certificate for every name and address', () => {
    assert.deepEqual(
      identities.identities.map(({ kind }) => kind),
      ['rsa', 'ecdsa'],
    );
    for (const { certificate } of identities.identities) {
      assert.equal(certificate.checkHost('prov.example.net'), 'prov.example.net');
      assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
      assert.equal(certificate.checkHost('other.example.net'), undefined);
      const authority = new X509Certificate(identities.caCertificate ?? '');
      assert.ok(certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
    }
  });

  it('P-11: is valid for a phone whose clock is in the past', () => {
    for (const { certificate } of identities.identities) {
      assert.equal(certificate.validFromDate.getUTCFullYear(), 1970);
      assert.equal(certificate.validToDate.getTime(), NOW + 3650 * 86_400_000);
    }
  });

  it('F-32, F-15: files are 0600 in a folder of 0700, keys do not open without the sealing key', () => {
    assert.equal(statSync(join(folder, 'tls')).mode & 0o777, 0o700);
    for (const name of readdirSync(join(folder, 'tls'))) {
      assert.equal(statSync(join(folder, 'tls', name)).mode & 0o777, 0o600, name);
      assert.match(readFileSync(join(folder, 'tls', name), 'utf8'), /BEGIN ENCRYPTED PRIVATE KEY/);
    }
    const other = readIdentities(home, secretBox(parseKeyFile(newKeyFile(), 'other')));
    assert.throws(() => tls.createSecureContext(contextOf(other)));
  });

  it('a TLS 1.2 client gets the kind that it can verify, and trusts it by our CA alone', async () => {
    const server = tls.createServer(contextOf(identities), (socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      for (const [ciphers, kind] of [
        ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ec'],
        ['ECDHE-RSA-AES128-GCM-SHA256', 'rsa'],
        ['AES128-GCM-SHA256', 'rsa'],
      ] as const) {
        const key = await handshake({ port, ciphers, maxVersion: 'TLSv1.2', ca: identities.caCertificate ?? '' });
        assert.equal(key?.asymmetricKeyType, kind, ciphers);
      }
      await assert.rejects(handshake({ port }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    } finally {
      server.close();
    }
  });

  it('W-08: two homes share no key, serial number or authority', async () => {
    const second = mkdtempSync(join(tmpdir(), 'phonectl-tls-'));
    try {
      const other: Home = { path: second, file: (...segments) => join(second, ...segments) };
      await createAuthority(other, secretBox(parseKeyFile(newKeyFile(), 'other')), options);
      assert.notEqual(
        readFileSync(join(second, 'tls', 'ca.pem'), 'utf8'),
        readFileSync(join(folder, 'tls', 'ca.pem'), 'utf8'),
      );
    } finally {
      rmSync(second, { recursive: true });
    }
  });

  it('a renewal keeps the authority and takes further names', async () => {
    const before = identities.caCertificate;
    await issueServerCertificates(home, secrets, { names: ['prov.example.net', 'fe80::1'], now: NOW });
    const renewed = readIdentities(home, secrets);
    assert.equal(renewed.caCertificate, before);
    assert.ok(renewed.identities[0]?.certificate.checkIP('fe80::1'));
  });

  it('refuses names that no certificate can carry', async () => {
    for (const name of ['', 'a b', 'https://x', 'x\n', '-x.example', `${'a'.repeat(64)}.example`]) {
      await assert.rejects(
        issueServerCertificates(home, secrets, { names: [name], now: NOW }),
        (error) => isPhonectlError(error) && error.code === 'invalid_input',
        name,
      );
    }
  });
});

function contextOf({ identities, passphrase }: ServerIdentities): tls.SecureContextOptions {
  return {
    cert: identities.map(({ chain }) => chain),
    key: identities.map(({ key }) => ({ pem: key, passphrase })),
  };
}

async function handshake(options: tls.ConnectionOptions): Promise<KeyObject | undefined> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', ...options }, () => {
      resolve(socket.getPeerX509Certificate()?.publicKey);
      socket.end();
    });
    socket.on('error', reject);
  });
}
