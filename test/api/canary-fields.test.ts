/**
 * F-14: every field of every operation that can hold a secret gets one of its own, from the table of operations itself; then
 * everything that reads is asked, and the database is looked through. A new field that nobody has put into the table fails.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadOperations } from '../../src/sdk/index.ts';
import { bytesField } from '../../src/server/api/input.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { formsOf } from '../support/canaries.ts';
import { ask } from '../support/http.ts';
import { LISTING, REFERRING } from './samples.ts';

/** What of a schema matters here. */
interface Schema {
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly wrapped?: Schema;
  readonly item?: Schema;
  readonly value?: Schema;
  readonly options?: readonly (Schema | string)[];
}

/** Names of fields that may hold a secret. */
const SUSPECT = /pass(?!ed)|secret|token|credential|certificate|^(?:old|pin|key|parameters|set|values?)$/i;

function suspects(schema: Schema, path = ''): string[] {
  const fields = Object.entries(schema.entries ?? {}).flatMap(([name, field]) => {
    const own = path === '' ? name : `${path}.${name}`;
    return [...(SUSPECT.test(name) ? [own] : []), ...suspects(field, own)];
  });
  const inner = [schema.wrapped, schema.item, schema.value, ...(schema.options ?? [])];
  const nested = inner.filter((one) => typeof one === 'object').flatMap((one) => suspects(one, path));
  return [...new Set([...fields, ...nested])];
}

/** A call that brings a canary, and whether the server takes it; or why the field holds no secret. */
type Plant = string | { readonly body: Readonly<Record<string, unknown>> | string; readonly taken?: false };

const FLAG = 'asks for secrets; is itself none';
const NAME = 'names an object';
const phones = { selector: { refs: ['lobby'] }, wait: false };
const parameters = (canary: string) => [{ name: 'reg.1.auth.password', value: canary }];

const FIELDS: Readonly<Record<string, Plant>> = {
  'account.add accounts.password': {
    body: { accounts: [{ type: 'sip', name: 'sip-1', username: 'u', server: 'pbx', password: 'Canary-account-add' }] },
  },
  'account.edit password': { body: { accounts: ['lobby-sip'], password: 'Canary-account-edit' } },
  'device.replace old': NAME,
  'device.adPassword password': { body: { ...phones, password: 'Canary-device-adPassword' } },
  'param.set parameters': { body: { ...phones, parameters: { 'reg.1.auth.password': 'Canary-param-set' } } },
  'diag.setLogs password': {
    body: {
      ...phones,
      change: { backup: { on: true, url: 'https://logs.invalid/', username: 'u' } },
      password: 'Canary-setLogs',
    },
  },
  'diag.logs showSecrets': FLAG,
  'diag.syslog showSecrets': FLAG,
  'diag.configuration showSecrets': FLAG,
  'deploy.commonCfg credentials': FLAG,
  'deploy.push password': {
    body: { address: '127.0.0.1:9', vendor: 'poly', password: 'Canary-deploy-push' },
    taken: false,
  },
  'fleet.export secrets': FLAG,
  'profile.add set': 'its values are',
  'profile.add set.value': { body: { name: 'added', vendor: 'poly', set: parameters('Canary-profile-add') } },
  'profile.set set': 'its values are',
  'profile.set set.value': { body: { profile: 'base', set: parameters('Canary-profile-set') } },
  'profile.setScope set': 'its values are',
  'profile.setScope set.value': {
    body: { target: { site: 'HQ' }, vendor: 'poly', set: parameters('Canary-profile-setScope') },
  },
  'key.show key': NAME,
  'key.edit key': NAME,
  'key.callbacks key': NAME,
  'key.ping key': NAME,
  'key.revoke key': NAME,
  'key.rotate key': NAME,
  'user.add password': { body: { email: 'eve@example.net', roles: ['empty'], password: 'Canary-user-add 1' } },
  'auth.login password': { body: { email: 'eve@example.net', password: 'Canary-auth-login' }, taken: false },
  'auth.passwd old': { body: { old: 'Canary-passwd-old', password: 'Canary passwd new 1' }, taken: false },
  'auth.passwd password': { body: { old: 'Canary-passwd-old', password: 'Canary-passwd-new' }, taken: false },
  'auth.reset token': { body: { token: 'Canary-reset-token', password: 'Canary reset new 1' }, taken: false },
  'auth.reset password': { body: { token: 'x', password: 'Canary-reset-password' }, taken: false },
  'device.fileDownload showSecrets': FLAG,
  'config.macExport showSecrets': FLAG,
  'config.render showSecrets': FLAG,
  'setting.editMail password': {
    body: { host: 'smtp.invalid', from: 'a@example.net', user: 'u', password: 'Canary-setting-editMail' },
  },
  'setting.provisioningAccount password': { body: { username: 'phones', password: 'Canary-provisioning-9' } },
  'certificate.import certificate': 'is public',
  'certificate.import key': { body: { certificate: 'none', key: 'Canary-certificate-key' }, taken: false },
  'certificate.import passphrase': {
    body: { certificate: 'none', key: 'none', passphrase: 'Canary-certificate-passphrase' },
    taken: false,
  },
  'certificate.trust certificates': 'is public',
  // Files that hold secrets of phones.
  'account.import source': { body: 'type,name,username,server,password\nsip,sip-2,u,pbx,Canary-account-import\n' },
  'device.import source': {
    body: 'mac,name,site,model,reg.1.auth.password\n0004f2aaaa02,bar,HQ,VVX 450,Canary-device-import\n',
  },
  'profile.import source?name=imported.cfg': {
    body: '<?xml version="1.0"?>\n<PHONE_CONFIG><ALL reg.1.auth.password="Canary-profile-import"/></PHONE_CONFIG>\n',
  },
  'config.macUpload source?file=0004f2aaaa02.cfg': {
    body: '<?xml version="1.0"?>\n<PHONE_CONFIG><ALL reg.1.auth.password="Canary-mac-upload"/></PHONE_CONFIG>\n',
  },
  'config.writeBytes source?operation=account.import': {
    body: 'type,name,username,server,password\nsip,sip-3,u,pbx,Canary-writeBytes\n',
  },
  'device.fileUpload source': 'an administrator’s own file, handed out as it is',
  'fleet.plan source': 'its secrets are in a sealed file; fleet.test.ts looks for them',
  'fleet.apply source': 'its secrets are in a sealed file; fleet.test.ts looks for them',
  'site.import source': 'holds no secrets',
  'group.import source': 'holds no secrets',
  'model.import source': 'holds no secrets',
  'catalog.upload source': 'holds no secrets',
  'firmware.add source': 'holds no secrets',
  'firmware.edit source': 'holds no secrets',
  'firmware.license source': 'an administrator’s own file, handed out as it is',
  'resource.add source': 'an administrator’s own file, handed out as it is',
  'resource.edit source': 'an administrator’s own file, handed out as it is',
};

const OWN: Readonly<Record<string, string>> = {
  site: 'HQ',
  device: 'lobby',
  mac: '0004f2aaaa01',
  account: 'lobby-sip',
  group: 'Shared',
  task: '1',
  role: 'super',
  key: 'canary',
  user: 'eve@example.net',
  profile: 'base',
};

describe('every field that can hold a secret (F-14)', function () {
  this.timeout(90_000);
  let test: TestApi;
  let key: { id: string; secret: string };
  const canaries = [...JSON.stringify(FIELDS).matchAll(/Canary[- ][\w -]+/g)].map(([canary]) => canary);

  before(async () => {
    test = await startTestApi();
    key = await test.key();
    const { phonectl } = test.home;
    await phonectl.sites.add({ sites: [{ name: 'HQ' }] });
    await phonectl.groups.add({ groups: [{ name: 'Shared' }] });
    await phonectl.accounts.add({
      accounts: [{ type: 'sip', name: 'lobby-sip', username: 'u', server: 'pbx', password: 'none of them' }],
    });
    const lobby = { mac: '0004f2aaaa01', name: 'lobby', site: 'HQ', model: 'VVX 450' };
    await phonectl.devices.add({ devices: [{ ...lobby, accounts: [{ account: 'lobby-sip' }] }] });
    await phonectl.profiles.add({ name: 'base', vendor: 'poly' });
    await phonectl.profiles.assign({ profile: 'base', target: { site: 'HQ' } });
    await phonectl.keys.create({ name: 'canary', roles: ['empty'] });
  });
  after(() => test.stop());

  function check(where: string, text: string): void {
    for (const canary of canaries) {
      for (const form of formsOf(canary))
        assert.ok(!text.includes(form), `${canary} in ${where}: ${text.slice(0, 800)}`);
    }
  }

  it('is in the table', async () => {
    const found = [...(await loadOperations())]
      .filter(([, { local }]) => !local)
      .flatMap(([name, operation]) => {
        const field = bytesField(operation);
        const fields = [...suspects(operation.input as Schema), ...(field === undefined ? [] : [field])];
        return fields.map((one) => `${name} ${one}`);
      });
    const listed = Object.keys(FIELDS).map((name) => name.split('?')[0]!);
    assert.deepEqual(found.sort(), listed.sort(), 'Put a new field into FIELDS, with a canary or the reason why not.');
  });

  it('no canary comes back from what takes it, taken or refused', async () => {
    for (const [place, plant] of Object.entries(FIELDS)) {
      if (typeof plant === 'string') continue;
      const [name = '', field = ''] = place.split(' ');
      const query = field.includes('?') ? `?${field.split('?')[1]}` : '';
      const upload = typeof plant.body === 'string';
      const answer = await ask(test, `/v1/${name.replace('.', '/')}${query}`, {
        key,
        body: upload ? (plant.body as string) : JSON.stringify(plant.body),
        ...(upload && { headers: { 'content-type': 'application/octet-stream' } }),
      });
      const problem = answer.status >= 400 || answer.text.includes('"$problem"');
      assert.equal(problem, plant.taken === false, `${place}: ${answer.status} ${answer.text.slice(0, 500)}`);
      check(place, JSON.stringify(answer.headers) + answer.text);
    }
  });

  it('nor from anything that reads; and it is in no log, no error, no file', async () => {
    let answered = 0;
    for (const [name, { effect, local }] of await loadOperations()) {
      if (local || effect !== 'read') continue;
      const input = { ...REFERRING[name]?.(((kind: string) => OWN[kind]) as never), ...LISTING[name] };
      const answer = await ask(test, `/v1/${name.replace('.', '/')}`, { key, body: JSON.stringify(input) });
      if (answer.status === 200) answered += 1;
      check(`${name} ${answer.status}`, answer.text);
    }
    assert.ok(answered > 60, `only ${answered} were answered`);
    check('errors', test.errors.map((error) => (error as Error).stack).join('\n'));
    for (const file of ['phonectl.db', 'phonectl.db-wal']) {
      check(file, readFileSync(join(test.home.path, file), 'latin1'));
    }
  });

  it('and they are there, behind reveal', async () => {
    for (const [path, body, canary] of [
      ['account/show', { account: 'lobby-sip', reveal: true }, 'Canary-account-edit'],
      ['account/show', { account: 'sip-3', reveal: true }, 'Canary-writeBytes'],
      ['profile/show', { profile: 'base', reveal: true }, 'Canary-profile-set'],
      ['config/render', { device: 'bar', showSecrets: true }, 'Canary-mac-upload'],
    ] as const) {
      const { text } = await ask(test, `/v1/${path}`, { key, body: JSON.stringify(body) });
      assert.ok(text.includes(canary), `${path}: ${text.slice(0, 500)}`);
    }
  });
});
