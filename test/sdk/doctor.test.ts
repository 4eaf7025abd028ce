import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from '../../src/sdk/doctor/check.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import { sealSharedAccount } from '../../src/sdk/settings/shared-account.ts';
import { runCli } from '../cli/harness.ts';
import { fakePhone, selfSigned } from '../net/fake-phone.ts';
import { makeHome, type TestHome } from '../support/home.ts';

describe('sdk: doctor', () => {
  let home: TestHome;
  beforeEach(async () => {
    home = await makeHome({ certificates: true, url: 'https://127.0.0.1:1/' });
  });
  afterEach(() => home.remove());

  async function examine(input: { host?: string; device?: string } = {}): Promise<Map<string, Check>> {
    const checks = await Array.fromAsync(home.phonectl.doctor.examine(input));
    return new Map(checks.map((check) => [check.id, check]));
  }

  function statusOf(checks: Map<string, Check>, id: string): string | undefined {
    return checks.get(id)?.status;
  }

  it('finds a new home in order but for what has to be set up; exit status 3 while no server runs', async () => {
    const checks = await examine();
    for (const id of ['clock', 'home.modes', 'home.key', 'store', 'account', 'certificate.rsa.name']) {
      assert.equal(statusOf(checks, id), 'ok', id);
    }
    assert.equal(statusOf(checks, 'certificate.ecdsa.not-before'), 'ok', 'P-11');
    assert.equal(statusOf(checks, 'certificate.trust'), 'warn');
    assert.equal(statusOf(checks, 'connect'), 'fail');
    assert.match(checks.get('connect')?.remedy ?? '', /phonectl serve/);
    for (const { status, remedy } of checks.values()) assert.equal(remedy === undefined, status === 'ok');
    const { status, stdout } = await runCli(['doctor', '--json'], { home: home.path, env: home.env });
    assert.equal(status, 3);
    assert.equal(JSON.parse(stdout).summary.fail, 1);
  });

  it('SITE-06: warns while Intranet is 0.0.0.0; NET-06: and about a port that is not 443', async () => {
    const checks = await examine();
    assert.equal(statusOf(checks, 'site.intranet'), 'warn');
    assert.equal(statusOf(checks, 'port'), 'warn');
    await home.phonectl.sites.delete({ sites: ['Intranet'] });
    assert.equal(statusOf(await examine(), 'site.intranet'), undefined);
  });

  it('NET-06: says where the management API is, while it runs and when it does not', async () => {
    assert.equal(statusOf(await examine(), 'port.api'), undefined, 'nobody has started one');
    const stop = new AbortController();
    const input = { listen: ['127.0.0.1:0'], api: '127.0.0.1:0' };
    const serving = home.phonectl.servers.run(input, { signal: stop.signal })[Symbol.asyncIterator]();
    await serving.next();
    const running = (await examine()).get('port.api');
    assert.match(`${running?.status}: ${running?.found}`, /^warn: .*listens on port \d+, not on 8445/);
    stop.abort();
    while (!(await serving.next()).done);
    assert.match((await examine()).get('port.api')?.found ?? '', /is not there/);
  });

  it('AUTH-09: warns of old passwords, of keys that end soon, and of mail that nobody sends', async () => {
    const { phonectl } = home;
    await phonectl.users.add({ email: 'ada@example.net', roles: ['super'], password: 'correct horse battery' });
    assert.equal(statusOf(await examine(), 'access.passwords'), 'ok');
    const { store } = await openInstallation({ home: home.path });
    await store.transaction(async ({ users }) => {
      const user = (await users.find('ada@example.net'))!;
      await users.setPassword(user.id, (await users.password(user.id))!, false, Date.now() - 400 * 86_400_000);
    });
    await store.close();
    await phonectl.keys.create({ name: 'later', roles: ['super'], expires: '90d' });
    await phonectl.keys.create({ name: 'soon', roles: ['super'], expires: '3d' });
    await phonectl.users.resetPassword({ user: 'ada@example.net', dryRun: true });
    await phonectl.users.add({ email: 'bob@example.net', roles: ['super'] });
    const checks = await examine();
    assert.match(checks.get('access.passwords')?.found ?? '', /1 of 2 users .*: ada@example\.net\./);
    assert.match(checks.get('access.keys')?.found ?? '', /"soon" expires on/);
    assert.match(checks.get('mail')?.found ?? '', /1 mail waits in the outbox, and no mail server is set/);
  });

  it('F-32: fails when others can read the home', async () => {
    chmodSync(join(home.path, 'phonectl.db'), 0o644);
    const check = (await examine()).get('home.modes');
    assert.equal(check?.status, 'fail');
    assert.match(check?.found ?? '', /phonectl\.db \(644\)/);
  });

  it('S-08: fails on a provisioning password that everybody knows', async () => {
    const { store, secrets } = await openInstallation({ home: home.path });
    const known = sealSharedAccount(secrets, { username: 'provision', password: 'PlcmSpIp' });
    await store.transaction(({ settings }) => settings.set('provisioning.account', known));
    await store.close();
    const check = (await examine()).get('account');
    assert.equal(check?.status, 'fail');
    assert.ok(!JSON.stringify(check).includes('PlcmSpIp'), 'the password is not shown');
  });

  it('NET-11: wants 401 and a good certificate from the server', async () => {
    const stranger = await fakePhone(await selfSigned('somebody'), (_, response) => response.writeHead(401).end());
    const host = stranger.url.replace('https://', '');
    const check = (await examine({ host })).get('connect');
    await stranger.close();
    assert.equal(check?.status, 'fail');
    assert.match(check?.found ?? '', /certificate/);
    assert.equal((await examine({ host: 'no.such.name.invalid' })).get('dns')?.status, 'fail');
  });

  it('DEPLOY-12, DEPLOY-13: says of a device that never came, and refuses one that it does not know', async () => {
    await home.phonectl.devices.add({ devices: [{ mac: '0004f2000001', model: 'VVX 450' }] });
    const checks = await examine({ device: '0004f2000001' });
    assert.equal(statusOf(checks, 'device.seen'), 'fail');
    assert.match(checks.get('device.seen')?.remedy ?? '', /deploy plan/);
    await assert.rejects(examine({ device: 'nosuch' }), { code: 'not_found' });
  });
});
