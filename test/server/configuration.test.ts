/** What phones are given, as people see it: render, build, masks, injection (issue 2, acceptance 5). */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPhonectlError } from '../../src/sdk/errors.ts';
import { driverOf } from '../../src/vendors/registry.ts';
import { type TestPhone, TestServer, USER_AGENTS, until, type Vendor } from './support.ts';

const VENDORS: readonly Vendor[] = ['poly', 'yealink', 'cisco'];
const MAIN: Readonly<Record<Vendor, string>> = { poly: '-phonectl.cfg', yealink: '.cfg', cisco: '.xml' };

describe('configuration', function () {
  this.timeout(30_000);
  let fleet: TestServer;
  const phones = new Map<Vendor, TestPhone>();
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-out-'));

  before(async () => {
    fleet = await TestServer.start();
    for (const vendor of VENDORS) phones.set(vendor, await fleet.phone(vendor, 0));
  });
  after(async () => {
    await fleet[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const phoneOf = (vendor: Vendor): TestPhone => {
    const phone = phones.get(vendor);
    assert.ok(phone !== undefined);
    return phone;
  };

  for (const vendor of VENDORS) {
    it(`config render prints the very bytes that a ${vendor} phone gets, and masks every secret without --show-secrets`, async () => {
      const { mac, login, eventSecret } = phoneOf(vendor);
      const { configs } = fleet.home.phonectl;
      const served = await fleet.ask(`/${mac}${MAIN[vendor]}`, { login, userAgent: USER_AGENTS[vendor] });
      const exact = await configs.render({ device: mac, file: `${mac}${MAIN[vendor]}`, showSecrets: true });
      assert.deepEqual(Buffer.from(exact.files[0]?.text ?? ''), served.body);
      const masked = await configs.render({ device: mac });
      assert.ok(masked.files.length >= 2 && !masked.exact);
      assert.equal(masked.digest, exact.digest);
      for (const { text } of masked.files) {
        for (const secret of [`sip-secret-${mac}`, login.password, eventSecret]) assert.ok(!text.includes(secret));
      }
      assert.ok(masked.files.some(({ text }) => text.includes('********')));
    });

    it(`acceptance 5: a hostile name reaches a ${vendor} phone as that very text, or is refused`, async () => {
      const { mac, login } = phoneOf(vendor);
      const { accounts, configs } = fleet.home.phonectl;
      const account = `${vendor}-0`;
      for (const name of [
        '"><evil a="',
        "'/><x y='",
        ']]>',
        '&amp; &#10; <!--',
        '#comment = 1',
        'include:config "x"',
        '$MA [--uid x]',
      ]) {
        await accounts.edit({ accounts: [account], displayName: name });
        let text: string;
        try {
          const file = `${mac}${MAIN[vendor]}`;
          text = (await configs.render({ device: mac, file, showSecrets: true })).files[0]?.text ?? '';
        } catch (error) {
          // Refused by the vendor's own rules, with a reason: as good.
          assert.ok(isPhonectlError(error) && error.code === 'invalid_input', String(error));
          continue;
        }
        const driver = await driverOf(vendor);
        const { parameters } = driver.parse(`${mac}${MAIN[vendor]}`, Buffer.from(text));
        assert.ok(
          parameters.some(({ value }) => value === name),
          `${vendor}: ${name}`,
        );
        assert.ok(!parameters.some(({ name: key }) => /evil|^x$|^y$|comment/i.test(key)));
      }
      for (const name of ['a\nstatic.auto_provision.server.url = http://evil/', 'a\r\nb', 'a\u0000b', 'a\u2028b']) {
        await assert.rejects(accounts.edit({ accounts: [account], displayName: name }), isPhonectlError);
      }
      // What is rendered is what is served, within a second of the change.
      await accounts.edit({ accounts: [account], displayName: 'A & "B"' });
      const shown = await configs.render({ device: mac, file: `${mac}${MAIN[vendor]}`, showSecrets: true });
      await until('the change is served', async () => {
        const { body } = await fleet.ask(`/${mac}${MAIN[vendor]}`, { login, userAgent: USER_AGENTS[vendor] });
        return body.toString() === shown.files[0]?.text || undefined;
      });
    });
  }

  it('one phone that cannot be rendered is told to come back; the others notice nothing', async () => {
    const broken = await fleet.phone('yealink', 5);
    const { store } = fleet.installation;
    await store.transaction(async (repositories) => {
      const [device] = await repositories.devices.byIds([broken.id], 'all');
      assert.ok(device !== undefined);
      // Written around the checks of every door, as a damaged row would be.
      const document = JSON.stringify({ 'account.1.label': { value: 'a\nb' } });
      await repositories.devices.update(broken.id, { document }, Date.now());
    });
    await new Promise((resolve) => setTimeout(resolve, 350));
    const answer = await fleet.ask(`/${broken.mac}.cfg`, { login: broken.login, userAgent: USER_AGENTS.yealink });
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers['retry-after']) > 0);
    assert.equal(answer.body.length, 0);
    await until('a human is told', async () => {
      const { attention } = (await (await store.serving()).deviceById(broken.id)) ?? {};
      return /cannot be configured: .*account\.1\.label.*U\+000A/.test(attention ?? '') || undefined;
    });
    const good = phoneOf('yealink');
    assert.equal(
      (await fleet.ask(`/${good.mac}.cfg`, { login: good.login, userAgent: USER_AGENTS.yealink })).status,
      200,
    );
  });

  it('config build writes the same bytes for a web server, 0600, and nothing the second time', async () => {
    const { configs } = fleet.home.phonectl;
    const macs = VENDORS.map((vendor) => phoneOf(vendor).mac);
    const selector = { refs: macs };
    const first = await configs.build({ selector, out: folder });
    assert.deepEqual([first.summary.devices, first.summary.failed, first.summary.unchanged], [3, 0, 0]);
    for (const vendor of VENDORS) {
      const { mac, login } = phoneOf(vendor);
      const file = join(folder, `${mac}${MAIN[vendor]}`);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const served = await fleet.ask(`/${mac}${MAIN[vendor]}`, { login, userAgent: USER_AGENTS[vendor] });
      assert.ok(served.body.includes(`sip-secret-${mac}`) && readFileSync(file).includes(`sip-secret-${mac}`));
    }
    // One phone's secrets must not lie under a name that all phones of the model ask for.
    const secrets = VENDORS.map((vendor) => phoneOf(vendor).login.password);
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (macs.some((mac) => name.includes(mac)) || !statSync(join(folder, name)).isFile()) continue;
      const text = readFileSync(join(folder, name), 'utf8');
      assert.ok(!secrets.some((secret) => text.includes(secret)), name);
    }
    const second = await configs.build({ selector, out: folder });
    assert.deepEqual([second.summary.written, second.summary.unchanged], [0, first.summary.written]);
  });

  it('a reveal is recorded, and names no secret', async () => {
    const { mac, login } = phoneOf('poly');
    const { enrolments, configs } = fleet.home.phonectl;
    await configs.render({ device: mac, showSecrets: true });
    const [shown] = (await enrolments.showCredentials({ device: mac, reveal: true })).filter(
      ({ purpose }) => purpose === 'provisioning',
    );
    assert.equal(shown?.password, login.password);
    const masked = await enrolments.showCredentials({ device: mac });
    assert.ok(masked.every(({ password }) => password === '********'));
    const entries = await Array.fromAsync(fleet.installation.store.read.log.list({ object: mac }));
    assert.ok(entries.some(({ operation }) => operation === 'config.render'));
    assert.ok(entries.some(({ operation }) => operation === 'enrolment.showCredentials'));
    assert.ok(!JSON.stringify(entries).includes(login.password));
  });

  it('says what is wrong: an unknown file, an unknown device', async () => {
    const { configs } = fleet.home.phonectl;
    const { mac } = phoneOf('poly');
    await assert.rejects(configs.render({ device: mac, file: `${mac}-phonectl.cg` }), (error) => {
      assert.ok(isPhonectlError(error) && error.code === 'not_found');
      assert.match(error.hints.join(' '), /Did you mean/);
      return true;
    });
    await assert.rejects(
      configs.render({ device: 'nosuch' }),
      (error) => isPhonectlError(error) && error.code === 'not_found',
    );
  });
});
