import assert from 'node:assert/strict';
import { driverOf } from '../../src/vendors/registry.ts';
import { makeHome, type TestHome } from '../support/home.ts';

describe('deploy: handing phones over', () => {
  let home: TestHome;
  let password: string;

  before(async () => {
    home = await makeHome({ url: 'https://prov.example.net/' });
    const account = await home.phonectl.settings.provisioningAccount({ reveal: true });
    password = account.password ?? '';
  });
  after(async () => {
    await home.remove();
  });

  it('DEPLOY-02, DEPLOY-03: the common file has the keys of the manual; the password only on demand', async () => {
    const { deploy, logs } = home.phonectl;
    const { text } = await deploy.commonCfg({ firmware: 'https://prov.example.net/T54W.rom' });
    const lines = ['static.firmware.url = https://prov.example.net/T54W.rom'];
    lines.push('static.auto_provision.server.url = https://prov.example.net/dm.cfg');
    assert.equal(text, `#!version:1.0.0.1\n${lines.join('\n')}\n`);
    const exact = await deploy.commonCfg({ platform: 'https://other.example/', credentials: true });
    assert.ok(exact.text.includes(`static.auto_provision.server.password = ${password}\n`));
    assert.ok(exact.text.includes('= https://other.example/dm.cfg\n'));
    const entries = await Array.fromAsync(logs.list({ operation: 'deploy.commonCfg' }));
    assert.equal(entries.length, 1);
    await assert.rejects(deploy.commonCfg({ firmware: 'x\nstatic.evil = 1' }), { code: 'invalid_input' });
  });

  for (const vendor of ['poly', 'yealink', 'cisco'] as const) {
    it(`${vendor}: the file is one that its phones read, points here, and holds no secret`, async () => {
      const { files, steps } = await home.phonectl.deploy.handover({ vendor });
      assert.ok(files.length > 0 && steps.length > 0);
      const driver = await driverOf(vendor);
      const values = files.flatMap(({ name, text }) => driver.parse(name, Buffer.from(text)).parameters);
      assert.ok(values.some(({ value }) => value.includes('https://prov.example.net')));
      assert.ok(!JSON.stringify(files).includes(password));
      assert.equal(new Set(files.map(({ text }) => text)).size, files.length);
    });
  }
});
