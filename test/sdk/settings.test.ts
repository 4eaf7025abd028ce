import assert from 'node:assert/strict';
import { hostNameProblem } from '../../src/domain/host-name.ts';
import type { ServerEvent } from '../../src/sdk/operations/servers.ts';
import { readSharedAccount } from '../../src/sdk/settings/shared-account.ts';
import { TestServer, USER_AGENTS, until } from '../server/support.ts';
import { makeHome, type TestHome } from '../support/home.ts';

describe('settings: provisioning', () => {
  let home: TestHome;

  beforeEach(async () => {
    home = await makeHome({ url: 'https://prov.example.net/p/' });
  });
  afterEach(async () => {
    await home.remove();
  });

  it('VAL-04..07: names the rule that a host name breaks', () => {
    const wrong: Readonly<Record<string, RegExp>> = {
      a: /VAL-06/,
      ['x'.repeat(32)]: /VAL-06/,
      Acme: /VAL-04/,
      'a.b': /VAL-04/,
      'a-': /VAL-05/,
      _ab: /VAL-05/,
      t1234: /VAL-07/,
      t889: /VAL-07/,
      www: /VAL-07/,
      opsnet: /VAL-07/,
      'service-1': /VAL-07/,
      console: /VAL-07/,
    };
    for (const [name, rule] of Object.entries(wrong)) assert.match(hostNameProblem(name) ?? '', rule, name);
    for (const name of ['ab', 'phones', 'a_b-c', 'tango', 'www2', 'x'.repeat(31)]) {
      assert.equal(hostNameProblem(name), undefined, name);
    }
  });

  it('DIAG-07: the first serve with a syslog receiver points phones at it; what somebody set stays', async () => {
    const url = 'https://127.0.0.1:8443';
    const served = await makeHome({ url, certificates: true });
    try {
      const { settings, servers, devices, configs } = served.phonectl;
      await devices.add({
        devices: [
          { mac: '805ec0000001', vendor: 'yealink', model: 'T54W', name: 'yealink' },
          { mac: '64167f000001', vendor: 'poly', model: 'VVX 450', name: 'poly' },
          { mac: '00562b000001', vendor: 'cisco', model: '8841', name: 'cisco' },
        ],
      });
      const text = async (device: string): Promise<string> =>
        (await configs.render({ device })).files.map((file) => file.text).join('\n');
      assert.doesNotMatch((await text('yealink')) + (await text('poly')) + (await text('cisco')), /syslog/i);
      const stop = new AbortController();
      const run = { listen: ['127.0.0.1:0'], syslog: '127.0.0.1:0' };
      const events = servers.run(run, { signal: stop.signal })[Symbol.asyncIterator]();
      const first = (await events.next()).value as ServerEvent | undefined;
      assert.ok(first?.type === 'listening');
      const port = first.listening.find(({ kind }) => kind === 'syslog')?.port;
      stop.abort();
      while ((await events.next()).done !== true);
      assert.equal((await settings.provisioning({})).syslog, `udp://127.0.0.1:${port}`);
      assert.match(
        await text('yealink'),
        new RegExp(`static.syslog.server = 127.0.0.1\n(?:.*\n)*?.*server_port = ${port}`),
      );
      assert.match(await text('cisco'), new RegExp(`<Syslog_Server[^>]*>127.0.0.1:${port}<`));
      // Poly phones send to port 514 only: they are not sent anywhere else.
      assert.doesNotMatch(await text('poly'), /device\.syslog/);
      await settings.editProvisioning({ syslog: 'logs.example.net' });
      assert.match(await text('poly'), /device\.syslog\.serverName="logs\.example\.net"/);
      await settings.editProvisioning({ syslog: '' });
      const again = new AbortController();
      const more = servers.run(run, { signal: again.signal })[Symbol.asyncIterator]();
      await more.next();
      again.abort();
      while ((await more.next()).done !== true);
      assert.equal((await settings.provisioning({})).syslog, null);
      assert.doesNotMatch(await text('yealink'), /syslog/);
      await assert.rejects(settings.editProvisioning({ syslog: 'logs example' }), /no place for syslog/);
    } finally {
      await served.remove();
    }
  });

  it('DEPLOY-20, DEPLOY-21: shows the address and changes its first label, nothing else of it', async () => {
    const { settings } = home.phonectl;
    assert.equal((await settings.provisioning({})).url, 'https://prov.example.net/p/');
    await settings.editProvisioning({ host: 'phones', dryRun: true });
    assert.equal((await settings.provisioning({})).url, 'https://prov.example.net/p/');
    assert.equal((await settings.editProvisioning({ host: 'phones' })).url, 'https://phones.example.net/p/');
    await assert.rejects(settings.editProvisioning({ host: 'www' }), /VAL-07/);
    await settings.editProvisioning({ url: 'https://10.0.0.5/' });
    await assert.rejects(settings.editProvisioning({ host: 'phones' }), { code: 'conflict' });
    await assert.rejects(settings.editProvisioning({ url: 'http://x/' }), { code: 'invalid_input' });
    await assert.rejects(settings.editProvisioning({ url: 'https://u:p@x/' }), { code: 'invalid_input' });
  });

  it('PROV-01, PROV-02: the polling window reaches the configuration of phones', async () => {
    const { settings, devices, configs } = home.phonectl;
    await devices.add({ devices: [{ mac: '64167f000001', vendor: 'poly', model: 'VVX 450', name: 'a' }] });
    await settings.editProvisioning({ pollWindow: '01:00-01:30' });
    const { files } = await configs.render({ device: 'a' });
    assert.match(files.map(({ text }) => text).join(), /prov\.polling\.time="01:[0-2]\d"/);
    await assert.rejects(settings.editProvisioning({ pollWindow: '25:00-26:00' }), { code: 'invalid_input' });
  });

  it('FW-08, FW-09: keeps a download path for each network; an empty text takes it away', async () => {
    const { settings } = home.phonectl;
    await settings.editProvisioning({ downloadPaths: { internet: 'https://a.example/fw' } });
    const both = await settings.editProvisioning({ downloadPaths: { enterprise: 'https://b.example/' } });
    assert.deepEqual(both.downloadPaths, { internet: 'https://a.example/fw/', enterprise: 'https://b.example/' });
    const one = await settings.editProvisioning({ downloadPaths: { internet: '' } });
    assert.deepEqual(one.downloadPaths, { enterprise: 'https://b.example/' });
    await assert.rejects(settings.editProvisioning({ downloadPaths: { internet: 'ftp://x/' } }), {
      code: 'invalid_input',
    });
  });

  it('S-08: refuses passwords that every scanner tries', async () => {
    const { settings } = home.phonectl;
    for (const password of ['PlcmSpIp', '456', '789', 'admin', 'short']) {
      await assert.rejects(settings.provisioningAccount({ password }), { code: 'invalid_input' }, password);
    }
    const made = await settings.provisioningAccount({ reveal: true });
    assert.match(made.password ?? '', /^[a-z0-9]{26}$/);
    assert.equal((await settings.provisioningAccount({ password: 'long enough now' })).password, null);
  });
});

describe('settings: rotating the provisioning account', () => {
  it('PROV-07: the old password works in its time of grace, and who shows it is named until it shows the new one', async () => {
    await using server = await TestServer.start();
    const phone = await server.phone('poly', 1);
    const { sites, settings, devices } = server.home.phonectl;
    await sites.add({ sites: [{ name: 'Classic', provisioning: 'shared', subnets: [{ public: '127.0.0.0/8' }] }] });
    await devices.edit({ devices: [phone.mac], site: 'Classic' });
    const old = server.shared;
    await settings.provisioningAccount({ grace: 3_600_000 });
    const { store, secrets } = server.installation;
    const fresh = await readSharedAccount(store.read.settings, secrets);
    assert.ok(fresh && fresh.password !== old.password);
    const ask = (login: { username: string; password: string }) =>
      server.ask(`/${phone.mac}.cfg`, { login, userAgent: USER_AGENTS.poly });
    const attention = async () => (await Array.fromAsync(devices.list({ search: phone.mac })))[0]?.attention ?? null;
    await until('the new password is known', async () => (await ask(fresh)).status !== 401 || undefined);
    assert.notEqual((await ask(old)).status, 401);
    await until('it is named', async () => (await attention())?.startsWith('logs in with the old') || undefined);
    const progress = async () => {
      const { phones, changed, old, unseen } = (await settings.provisioning({})).account!.rotation!;
      return [phones, changed, old, unseen];
    };
    assert.deepEqual(await progress(), [1, 0, 1, 0]);
    const { doctor } = server.home.phonectl;
    const checks = async () =>
      (await Array.fromAsync(doctor.examine({}))).filter(({ id }) => id === 'account.rotation');
    assert.match((await checks())[0]?.found ?? '', /still shown by 1 phone, and 0 have not come since/);
    await ask(fresh);
    await until('it is settled', async () => (await attention()) === null || undefined);
    await until('it is counted', async () => (await progress())[1] === 1 || undefined);
    assert.deepEqual(await progress(), [1, 1, 0, 0]);
    assert.deepEqual(await checks(), []);

    await settings.provisioningAccount({ grace: 0 });
    await until('the old one is refused', async () => (await ask(fresh)).status === 401 || undefined);
    assert.equal((await ask(old)).status, 401);
  });
});
