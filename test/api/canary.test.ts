/**
 * F-14: a secret of its own in every field that takes one; then the whole surface of the API and of the log is asked, with
 * failures. It may be found nowhere but behind `reveal`.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadOperations } from '../../src/sdk/index.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { formsOf } from '../support/canaries.ts';
import { ask } from '../support/http.ts';
import { LISTING, REFERRING } from './samples.ts';

const SIP_PASSWORD = 'Canary-Sip-4f1b9';
const PARAMETER = 'Canary-Parameter-88ac2';
const MAIL_PASSWORD = 'Canary-Mail-c07d1';
const USER_PASSWORD = 'Canary user password 17';
const OWN: Readonly<Record<string, string>> = {
  site: 'HQ',
  device: 'lobby',
  mac: '0004f2aaaa01',
  account: 'lobby-sip',
  group: 'Shared',
  task: '1',
  role: 'helper',
  key: 'canary',
  user: 'ada@example.net',
  profile: 'none',
};

describe('secrets on the surface of the API (F-14)', function () {
  this.timeout(60_000);
  const accessLog: string[] = [];
  let test: TestApi;
  let secrets: Record<string, string>;
  let key: { id: string; secret: string };
  const seen: { where: string; text: string }[] = [];

  before(async () => {
    test = await startTestApi({ api: { onAccess: (entry) => accessLog.push(JSON.stringify(entry)) } });
    const { phonectl } = test.home;
    await phonectl.sites.add({ sites: [{ name: 'HQ' }] });
    await phonectl.groups.add({ groups: [{ name: 'Shared' }] });
    const sip = { type: 'sip' as const, name: 'lobby-sip', username: 'lobby', server: 'pbx.example.net' };
    await phonectl.accounts.add({ accounts: [{ ...sip, password: SIP_PASSWORD }] });
    key = await test.key();
    const csv = `mac,name,site,model,line1.account,reg.1.auth.password\n0004f2aaaa01,lobby,HQ,VVX 450,lobby-sip,${PARAMETER}\n`;
    const imported = await ask(test, '/v1/device/import', { key, body: csv, headers: { 'content-type': 'text/csv' } });
    assert.equal(imported.status, 200, imported.text);
    seen.push({ where: 'device.import', text: imported.text });
    await phonectl.roles.add({ name: 'helper', permissions: ['device:read'], sites: ['HQ'] });
    await phonectl.users.add({ email: 'ada@example.net', roles: ['helper'], password: USER_PASSWORD });
    await phonectl.settings.editMail({
      host: 'smtp.invalid',
      from: 'phones@example.net',
      user: 'phones',
      password: MAIL_PASSWORD,
    });
    const callback = 'https://crm.invalid/';
    const made = await phonectl.keys.create({ name: 'canary', roles: ['helper'], callback });
    const session = await test.connect().auth.login({ email: 'ada@example.net', password: USER_PASSWORD });
    const other = await test.key();
    secrets = {
      SIP_PASSWORD,
      PARAMETER,
      USER_PASSWORD,
      MAIL_PASSWORD,
      keySecret: made.secret!,
      callbackSecret: made.callbackSecret!,
      otherKeySecret: other.secret,
      callerSecret: key.secret,
      session: session.token,
    };
  });
  after(() => test.stop());

  function check(): void {
    for (const { where, text } of seen) {
      for (const [name, secret] of Object.entries(secrets)) {
        for (const form of formsOf(secret))
          assert.ok(!text.includes(form), `${name} in ${where}: ${text.slice(0, 500)}`);
      }
    }
  }

  it('is in no list, no object, no failure, no log', async () => {
    const names = (kind: string) => OWN[kind]!;
    for (const [name, { effect, local }] of await loadOperations()) {
      if (local) continue;
      const path = `/v1/${name.replace('.', '/')}`;
      const input = { ...REFERRING[name]?.(names as never), ...LISTING[name] };
      // Writes are only tried with nonsense, and with what they refuse: what they answer then is what counts here.
      const bodies = effect === 'read' ? [input] : [];
      bodies.push({ ...input, password: SIP_PASSWORD, nosuch: PARAMETER });
      for (const body of bodies) {
        const answer = await ask(test, path, { key, body: JSON.stringify(body) });
        const text = `${JSON.stringify(answer.headers)}${answer.text}`;
        seen.push({ where: `${name} ${answer.status}`, text });
      }
    }
    assert.ok(seen.filter(({ where }) => where.endsWith(' 200')).length > 30, 'hardly anything was answered');
    seen.push({ where: 'access log', text: accessLog.join('\n') });
    seen.push({ where: 'errors', text: test.errors.map((error) => (error as Error).stack).join('\n') });
    check();
  });

  it('is in no file of the home', () => {
    for (const name of ['phonectl.db', 'phonectl.db-wal']) {
      seen.push({ where: name, text: readFileSync(join(test.home.path, name), 'latin1') });
    }
    check();
  });

  it('is shown when it is revealed, with the permission, and that is recorded', async () => {
    const shown = await ask(test, '/v1/account/show', { key, body: '{"account":"lobby-sip","reveal":true}' });
    assert.ok(shown.text.includes(SIP_PASSWORD), shown.text);
    const [entry] = (await ask(test, '/v1/log/list?limit=1', { key, method: 'GET' })).lines() as [
      { operation: string },
    ];
    assert.equal(entry.operation, 'account.show');
    const { phonectl } = test.home;
    await phonectl.roles.add({ name: 'no reveal', permissions: ['account:read'], sites: 'all' });
    const limited = await ask(test, '/v1/account/show', {
      key: await test.key('no reveal'),
      body: '{"account":"lobby-sip","reveal":true}',
    });
    assert.equal(limited.status, 403);
    assert.ok(!limited.text.includes(SIP_PASSWORD));
  });
});
