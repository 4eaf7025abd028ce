/** Client certificates, reload without a dropped request, legacy and bootstrap listeners, starting and stopping. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { isPhonectlError } from '../../src/sdk/errors.ts';
import { SHARED_ACCOUNT, sealSharedAccount } from '../../src/sdk/settings/shared-account.ts';
import { startServer } from '../../src/server/server.ts';
import { askPlain, macOf, type TestPhone, TestServer, USER_AGENTS, until } from './support.ts';

describe('the server as a whole', function () {
  this.timeout(40_000);
  let fleet: TestServer;
  let phone: TestPhone;
  let other: TestPhone;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'phonectl-pki-'));
    fleet = await TestServer.start({
      listen: [{ host: '127.0.0.1', port: 0 }],
      legacy: { listen: { host: '127.0.0.1', port: 0 }, networks: ['127.0.0.0/30'] },
      bootstrap: { listen: { host: '127.0.0.1', port: 0 }, networks: ['127.0.0.1'] },
      metrics: { host: '127.0.0.1', port: 0 },
      proxies: ['127.0.0.40'],
    });
    [phone, other] = (await fleet.phones('poly', 2)) as [TestPhone, TestPhone];
    makeAuthority('Root', 'Polycom Inc.');
    makeAuthority('Stranger', 'Polycom Inc.');
  });
  after(async () => {
    await fleet[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const portOf = (kind: string): number => fleet.server.addresses.find((one) => one.kind === kind)?.port ?? 0;

  /** A vendor's authority and phones' certificates, by the tool that administrators use. */
  function openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  }

  function makeAuthority(name: string, organisation: string): void {
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`],
      ...['-days', '30', '-subj', `/O=${organisation}/CN=${name}`],
    );
  }

  function makeClient(authority: string, name: string, mac: string, days = 30): { cert: string; key: string } {
    openssl(
      ...['req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`],
      ...['-subj', `/O=Polycom Inc./CN=${mac.toUpperCase()}`],
    );
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', `${authority}.pem`, '-CAkey', `${authority}.key`],
      ...['-CAcreateserial', '-out', `${name}.pem`, '-days', String(days)],
    );
    return {
      cert: readFileSync(join(folder, `${name}.pem`), 'utf8'),
      key: readFileSync(join(folder, `${name}.key`), 'utf8'),
    };
  }

  describe('client certificates', () => {
    let mine: { cert: string; key: string };
    const ask = async (client: typeof mine, mac: string): Promise<number> =>
      (await fleet.ask(`/${mac}-phonectl.cfg`, { client, userAgent: USER_AGENTS.poly })).status;

    it('count for nothing until their authority is trusted, then open exactly one phone’s files', async () => {
      mine = makeClient('Root', 'mine', phone.mac);
      assert.equal(await ask(mine, phone.mac), 401);
      await fleet.home.phonectl.certificates.trust({
        vendor: 'poly',
        certificates: readFileSync(join(folder, 'Root.pem'), 'utf8'),
      });
      await until('the authority counts', async () => (await ask(mine, phone.mac)) === 200 || undefined);
      assert.equal(await ask(mine, other.mac), 404);
      assert.equal(await ask(makeClient('Stranger', 'forged', phone.mac), phone.mac), 401);
      assert.equal(await ask(makeClient('Root', 'unknown', macOf('poly', 4_000)), macOf('poly', 4_000)), 401);
    });

    it('P-10: an expired one counts only where that is allowed', async () => {
      const expired = makeClient('Root', 'expired', phone.mac, -1);
      assert.equal(await ask(expired, phone.mac), 401);
      const { certificates } = fleet.home.phonectl;
      const authority = readFileSync(join(folder, 'Root.pem'), 'utf8');
      for await (const { fingerprint } of certificates.trusted({})) await certificates.distrust({ fingerprint });
      await certificates.trust({ vendor: 'poly', certificates: authority, allowExpired: true });
      await until('expired ones count', async () => (await ask(expired, phone.mac)) === 200 || undefined);
    });

    it('decision 3: the authority of one vendor does not vouch for another vendor’s phone', async () => {
      const [yealink] = (await fleet.phones('yealink', 1)) as [TestPhone];
      const client = makeClient('Root', 'yealink', yealink.mac);
      assert.equal((await fleet.ask(`/${yealink.mac}.cfg`, { client })).status, 401);
    });

    it('a site that wants certificates refuses logins', async () => {
      const { phonectl } = fleet.home;
      await phonectl.sites.add({ sites: [{ name: 'Strict', provisioning: 'certificate' }] });
      await phonectl.devices.edit({ devices: [phone.mac], site: 'Strict' });
      assert.equal(await ask(mine, phone.mac), 200);
      assert.equal((await fleet.ask(`/${phone.mac}.cfg`, { login: phone.login })).status, 401);
    });

    it('I-10: a proxy’s header counts from a listed proxy only', async () => {
      const headers = { 'x-ssl-client-cert': encodeURIComponent(mine.cert), 'x-forwarded-for': '10.9.8.7' };
      const path = `/${phone.mac}-phonectl.cfg`;
      assert.equal((await fleet.ask(path, { headers, userAgent: USER_AGENTS.poly })).status, 401);
      assert.equal(fleet.log.at(-1)?.address, '127.0.0.1');
      assert.equal((await fleet.ask(path, { headers, userAgent: USER_AGENTS.poly, from: '127.0.0.40' })).status, 200);
      await until('log', () => fleet.log.at(-1)?.address === '10.9.8.7' || undefined);
    });

    it('F-19: an authority that is no longer trusted lets nobody in within a second', async () => {
      const { certificates } = fleet.home.phonectl;
      for await (const { fingerprint } of certificates.trusted({})) {
        await certificates.distrust({ fingerprint: fingerprint.slice(0, 12) });
      }
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      assert.equal(await ask(mine, phone.mac), 401);
    });
  });

  it('F-18: a new certificate is taken up without a dropped request', async () => {
    const fingerprintNow = async (): Promise<string> =>
      (await handshake({ port: portOf('https'), ca: fleet.ca })).fingerprint;
    const before = await fingerprintNow();
    let asked = 0;
    let stop = false;
    async function keepAsking(): Promise<void> {
      while (!stop) {
        const { status } = await fleet.ask(`/${other.mac}.cfg`, { login: other.login });
        assert.equal(status, 200);
        asked += 1;
      }
    }
    const asking = [keepAsking(), keepAsking()];
    await fleet.home.phonectl.certificates.renew({});
    await until('the new certificate', async () => (await fingerprintNow()) !== before || undefined);
    stop = true;
    await Promise.all(asking);
    assert.ok(asked > 10);
  });

  it('F-18: TLS 1.2 is the least, and no CBC with SHA-1', async () => {
    const port = portOf('https');
    await assert.rejects(
      handshake({ port, ca: fleet.ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
    );
    await assert.rejects(
      handshake({ port, ca: fleet.ca, maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:ECDHE-RSA-AES128-SHA' }),
    );
    assert.equal((await handshake({ port, ca: fleet.ca, maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2');
    assert.equal((await handshake({ port, ca: fleet.ca })).protocol, 'TLSv1.3');
  });

  it('NET-10: the legacy listener speaks TLS 1.0, to its networks only', async () => {
    const port = portOf('legacy');
    const old: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' };
    assert.equal((await handshake({ port, ca: fleet.ca, ...old })).protocol, 'TLSv1');
    await assert.rejects(handshake({ port, ca: fleet.ca, ...old, ...{ localAddress: '127.0.0.77' } }));
  });

  it('bootstrap gives each vendor’s secret-free file to its networks, and nothing else', async () => {
    const port = portOf('bootstrap');
    for (const [name, userAgent] of [
      ['/000000000000.cfg', USER_AGENTS.poly],
      ['/8841-3PCC.xml', USER_AGENTS.cisco],
    ] as const) {
      const { status, body } = await askPlain(port, name, { 'user-agent': userAgent });
      assert.equal(status, 200, name);
      for (const secret of [phone.login.password, fleet.shared.password, 'sip-secret'])
        assert.ok(!body.includes(secret));
    }
    assert.match((await askPlain(port, '/phonectl-ca.crt')).body.toString(), /BEGIN CERTIFICATE/);
    for (const path of [`/${phone.mac}.cfg`, `/${phone.mac}-phonectl.cfg`, '/', '/../phonectl.db', '/e/x']) {
      assert.equal((await askPlain(port, path)).status, 404, path);
    }
  });

  it('metrics count what was answered', async () => {
    const { status, body } = await askPlain(portOf('metrics'), '/metrics');
    assert.equal(status, 200);
    assert.match(body.toString(), /phonectl_requests_total\{outcome="own",status="200"\} \d+/);
    assert.match(body.toString(), /phonectl_request_seconds_bucket\{le="\+Inf"\} \d+/);
  });

  it('a port in use, an address of another machine, a bad tree: clear errors', async () => {
    for (const [options, code] of [
      [{ listen: [{ host: '127.0.0.1', port: portOf('https') }] }, 'address_in_use'],
      [{ listen: [{ host: '192.0.2.1', port: 0 }] }, 'invalid_input'],
      [{ listen: [{ host: '127.0.0.1', port: 0 }], tree: join(folder, 'nowhere') }, 'not_found'],
    ] as const) {
      const started = startServer(fleet.installation, { proxies: [], reusePort: false, ...options });
      await assert.rejects(started, (error) => isPhonectlError(error) && error.code === code);
    }
  });

  it('several servers share a port with reusePort', async () => {
    const options = { proxies: [], reusePort: true };
    const first = await startServer(fleet.installation, { ...options, listen: [{ host: '127.0.0.1', port: 0 }] });
    const port = first.addresses[0]?.port ?? 0;
    const second = await startServer(fleet.installation, { ...options, listen: [{ host: '127.0.0.1', port }] });
    assert.equal((await fleet.ask(`/${other.mac}.cfg`, { login: other.login, port, from: '127.0.0.1' })).status, 200);
    await Promise.all([first.close(), second.close()]);
  });

  it('stops gracefully: a request that has begun is answered, what was learnt is on disk', async () => {
    const server = await startServer(fleet.installation, {
      listen: [{ host: '127.0.0.1', port: 0 }],
      proxies: [],
      reusePort: false,
    });
    const port = server.addresses[0]?.port ?? 0;
    const running = fleet.ask(`/${other.mac}-phonectl.cfg`, { login: other.login, port, from: '127.0.0.1' });
    await running;
    const before = await fleet.installation.store.read.evidence.mark();
    const last = fleet.ask(`/${other.mac}.cfg`, { login: other.login, port, from: '127.0.0.1' });
    assert.equal((await last).status, 200);
    await server.close();
    const after = await fleet.installation.store.read.evidence.after(before, {
      deviceIds: [other.id],
      kinds: ['fetch'],
    });
    assert.ok(after.some(({ detail }) => detail['name'] === `${other.mac}.cfg`));
    await assert.rejects(fleet.ask('/', { port, from: '127.0.0.1' }), { code: 'ECONNREFUSED' });
  });

  it('PROV-05, S-08: refuses to start without account or with a factory password', async () => {
    const { settings } = fleet.installation.store.read;
    const stored = await settings.get(SHARED_ACCOUNT);
    const start = async (options: object): Promise<string> => {
      const abort = new AbortController();
      try {
        const events = fleet.home.phonectl.servers.run(
          { listen: ['127.0.0.1:0'], ...options },
          { signal: abort.signal },
        );
        for await (const event of events) {
          if (event.type === 'listening') abort.abort();
        }
        return 'started';
      } catch (error) {
        return isPhonectlError(error) ? error.code : String(error);
      }
    };
    const set = (value: unknown): Promise<void> =>
      fleet.installation.store.transaction(async (repositories) => {
        if (value === undefined) await repositories.settings.delete(SHARED_ACCOUNT);
        else await repositories.settings.set(SHARED_ACCOUNT, value);
      });
    await set(undefined);
    assert.equal(await start({}), 'conflict');
    assert.equal(await start({ withoutAccount: true }), 'started');
    for (const password of ['PlcmSpIp', '456', '789', 'admin']) {
      await set(sealSharedAccount(fleet.installation.secrets, { username: 'PlcmSpIp', password }));
      assert.equal(await start({}), 'conflict', password);
    }
    assert.equal(await start({ insecureDefaultAccount: true }), 'started');
    await set(stored);
    assert.equal(await start({}), 'started');
  });

  it('S-07: refuses certificates that phones could not or should not trust', async () => {
    const { certificates } = fleet.home.phonectl;
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    const refused = async (work: Promise<unknown>, pattern: RegExp): Promise<void> => {
      await assert.rejects(work, (error) => {
        assert.ok(isPhonectlError(error) && error.code === 'certificate', String(error));
        assert.match(error.message, pattern);
        return true;
      });
    };
    makeClient('Root', 'leaf', '0004f2000001');
    const selfSigned = (name: string, subject: string, ...more: string[]): void =>
      openssl(
        ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`],
        ...['-days', '30', '-subj', subject, ...more],
      );
    selfSigned(
      'named',
      '/CN=prov.example.net',
      '-addext',
      'basicConstraints=CA:FALSE',
      '-addext',
      'subjectAltName=DNS:prov.example.net',
    );
    selfSigned('weak', '/CN=weak', '-newkey', 'rsa:1024');
    await refused(certificates.trust({ vendor: 'poly', certificates: read('leaf.pem') }), /not an authority/);
    await refused(certificates.trust({ vendor: 'poly', certificates: 'nothing' }), /no certificate/);
    await refused(certificates.trust({ vendor: 'poly', certificates: read('weak.pem') }), /too weak/);
    await refused(certificates.import({ certificate: read('Root.pem'), key: read('Root.key') }), /authority/);
    await refused(certificates.import({ certificate: read('named.pem'), key: read('named.key') }), /does not name/);
    await refused(certificates.import({ certificate: read('leaf.pem'), key: read('Root.key') }), /does not belong/);
    await refused(certificates.import({ certificate: read('leaf.pem') }), /no private key/);
    writeFileSync(join(folder, 'broken.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    await refused(certificates.import({ certificate: read('broken.pem'), key: read('Root.key') }), /not a certificate/);
  });
});

function handshake(options: ConnectionOptions): Promise<{ protocol: string | null; fingerprint: string }> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', ...options }, () => {
      resolve({ protocol: socket.getProtocol(), fingerprint: socket.getPeerCertificate().fingerprint256 });
      socket.end();
    });
    socket.on('error', reject);
    // A refused client sees the end before an error.
    socket.on('close', () => reject(new Error('closed')));
  });
}
