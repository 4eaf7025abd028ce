import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createCatalogue, isSecretName } from '../../src/vendors/catalogue.ts';
import { compileCatalogues } from '../../src/vendors/compile.ts';
import { driverOf, VENDORS } from '../../src/vendors/registry.ts';

describe('parameter catalogues', () => {
  it('CSV-09: restores case and fills in the index', async () => {
    const poly = (await driverOf('poly')).catalogue;
    assert.equal(poly.find('REG.12.AUTH.USERID')?.name, 'reg.12.auth.userId');
    assert.equal(poly.find('reg.1.server.2.address')?.name, 'reg.1.server.2.address');
    assert.equal(poly.find('device.hostname')?.name, 'device.hostname');
    assert.equal(
      poly.find('voipprot.sip.specialevent.checksync.alwaysreboot')?.name,
      'voIpProt.SIP.specialEvent.checkSync.alwaysReboot',
    );
    assert.equal(poly.find('reg.x.address'), undefined);
    assert.equal(poly.find('reg.{n}.address')?.name, 'reg.{n}.address', 'the family itself');
    const cisco = (await driverOf('cisco')).catalogue;
    assert.equal(cisco.find('proxy_10_')?.name, 'Proxy_10_');
    assert.equal(cisco.find('Auth_Resync-Reboot_1_')?.name, 'Auth_Resync-Reboot_1_');
    const yealink = (await driverOf('yealink')).catalogue;
    assert.equal(yealink.find('ACCOUNT.3.SIP_SERVER.2.ADDRESS')?.name, 'account.3.sip_server.2.address');
    assert.equal(
      yealink.find('static.network.802_1x.mode')?.name,
      'static.network.802_1x.mode',
      'numbers in literal names',
    );
  });

  it('tells type, range, default and what a change costs', async () => {
    const poly = (await driverOf('poly')).catalogue;
    assert.deepEqual(
      { ...poly.find('prov.polling.mode'), description: undefined },
      {
        name: 'prov.polling.mode',
        type: 'enum',
        values: ['abs', 'rel', 'random'],
        default: 'abs',
        secret: false,
        description: undefined,
      },
    );
    const expires = poly.find('reg.3.server.1.expires');
    assert.deepEqual(
      [expires?.type, expires?.min, expires?.default, expires?.causes],
      ['integer', 10, '3600', 'restart'],
    );
    assert.equal(poly.find('device.net.vlanId')?.causes, 'reboot');
    assert.deepEqual((await driverOf('cisco')).catalogue.find('Register_1_')?.values, ['Yes', 'No']);
  });

  it('knows secrets, and takes what looks like one for one', async () => {
    for (const [vendor, secret, open] of [
      [
        'poly',
        ['reg.4.auth.password', 'device.auth.localAdminPassword', 'apps.push.password', 'my.own.password'],
        ['reg.1.address', 'prov.polling.time'],
      ],
      [
        'yealink',
        ['account.1.password', 'static.security.user_password', 'phone_setting.phone_lock.unlock_pin', 'x.y.passwd'],
        ['account.1.label', 'static.auto_provision.server.url'],
      ],
      [
        'cisco',
        ['Password_16_', 'GPP_SA', 'Profile_Rule', 'WPA_Passwd', 'passphrase_1_', 'pskKey_2_', 'wepKey0_1_', 'PSK_3'],
        ['Proxy_1_', 'wepKeyLen_1_', 'wepKeyId_1_'],
      ],
    ] as const) {
      const { catalogue } = await driverOf(vendor);
      for (const name of secret) assert.equal(isSecretName(catalogue, name), true, name);
      for (const name of open) assert.equal(isSecretName(catalogue, name), false, name);
    }
  });

  it('suggests the right name for a misspelt one', async () => {
    for (const [vendor, wrong, right] of [
      ['poly', 'reg.1.adress', 'reg.1.address'],
      ['poly', 'voIpProt.server.1.expire', 'voIpProt.server.1.expires'],
      ['yealink', 'account.2.sip_server.1.adress', 'account.2.sip_server.1.address'],
      ['cisco', 'Profil_Rule', 'Profile_Rule'],
    ] as const)
      assert.ok((await driverOf(vendor)).catalogue.suggest(wrong).includes(right), wrong);
    assert.deepEqual((await driverOf('poly')).catalogue.suggest('zzzzzz'), []);
  });

  it('holds enough of each vendor, each entry whole', async () => {
    for (const vendor of VENDORS) {
      const entries = [...(await driverOf(vendor)).catalogue.entries()];
      assert.ok(entries.length >= 150, `${vendor}: ${entries.length}`);
      for (const entry of entries) {
        if (entry.type === 'password') assert.equal(entry.secret, true, entry.name);
        if (entry.type === 'enum') assert.ok((entry.values?.length ?? 0) > 1, entry.name);
        if (entry.min !== undefined && entry.max !== undefined) assert.ok(entry.min <= entry.max, entry.name);
        if (entry.secret) assert.equal(entry.default, undefined, entry.name);
      }
    }
  });

  it('I-05: is not misled by names of JavaScript', async () => {
    for (const vendor of VENDORS) {
      const { catalogue } = await driverOf(vendor);
      for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'constructor.prototype'])
        assert.equal(catalogue.find(name), undefined, name);
    }
  });

  it('finds a name within microseconds: it is asked per column and per parameter', () => {
    const file = compileCatalogues(join(import.meta.dirname, '../../templates')).poly;
    const catalogue = createCatalogue(file);
    const started = process.cpuUsage();
    for (let index = 0; index < 100_000; index++) catalogue.find(`reg.${index % 34}.server.1.address`);
    const used = process.cpuUsage(started);
    assert.ok(used.user + used.system < 500_000, `${(used.user + used.system) / 100_000} µs each`);
  });
});
