/**
 * The authorisation matrix (F-17): every operation × (no key, empty role, read-only, one site, another site, super), from
 * the table itself. What is out of scope does not exist: not by name, not in a list, not in a count, not in an error.
 */
import assert from 'node:assert/strict';
import { isFleetWide } from '../../src/sdk/access/fleet-wide.ts';
import { loadOperations } from '../../src/sdk/index.ts';
import type { AnyOperation } from '../../src/sdk/operation.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { ask, type HttpAnswer } from '../support/http.ts';
import { type Kind, LISTING, type Names, REFERRING } from './samples.ts';

type Key = { id: string; secret: string };

const FOREIGN: Record<Kind, string> = {
  site: 'canary-branch',
  device: 'canary-phone',
  mac: '0004f2cccc01',
  account: 'canary-sip',
  group: 'Shared',
  task: '1',
  role: 'canary-role',
  key: 'canary-key',
  user: 'canary@example.net',
  profile: 'canary-profile',
};
const MADE_UP: Record<Kind, string> = {
  site: 'nosuch-branch',
  device: 'nosuch-phone',
  mac: '0004f2eeee01',
  account: 'nosuch-sip',
  group: 'nosuch',
  task: '9',
  role: 'nosuch-role',
  key: 'nosuch-key',
  user: 'nosuch@example.net',
  profile: 'nosuch-profile',
};
const naming =
  (table: Record<Kind, string>): Names =>
  (kind) =>
    table[kind];

describe('the authorisation matrix', function () {
  this.timeout(60_000);
  let test: TestApi;
  let operations: [string, AnyOperation][];
  const keys = {} as Record<'none' | 'empty' | 'reader' | 'hq' | 'branch' | 'super', Key | undefined>;

  before(async () => {
    test = await startTestApi();
    operations = [...(await loadOperations())];
    const { phonectl } = test.home;
    await phonectl.sites.add({
      sites: [
        { name: 'HQ', subnets: [{ public: '192.0.2.0/24' }] },
        { name: 'canary-branch', subnets: [{ public: '203.0.113.0/24' }] },
      ],
    });
    const account = (name: string, site: string) => ({
      type: 'sip' as const,
      name,
      username: name,
      server: 'pbx.example.net',
      site,
    });
    await phonectl.accounts.add({ accounts: [account('hq-sip', 'HQ'), account('canary-sip', 'canary-branch')] });
    const phone = (mac: string, name: string, site: string, sip: string) => ({
      mac,
      name,
      site,
      model: 'VVX 450',
      description: `${name} described`,
      groups: ['Shared'],
      accounts: [{ account: sip }],
    });
    await phonectl.groups.add({ groups: [{ name: 'Shared' }] });
    await phonectl.devices.add({
      devices: [
        phone('0004f2aaaa01', 'hq-phone', 'HQ', 'hq-sip'),
        phone('0004f2cccc01', 'canary-phone', 'canary-branch', 'canary-sip'),
      ],
    });
    await phonectl.roles.add({ name: 'reader', permissions: ['*:read'], sites: 'all' });
    await phonectl.roles.add({ name: 'hq', permissions: ['*'], sites: ['HQ'] });
    await phonectl.roles.add({ name: 'canary-role', permissions: ['*'], sites: ['canary-branch'] });
    await phonectl.users.add({ email: 'canary@example.net', roles: ['canary-role'] });
    await phonectl.keys.create({ name: 'canary-key', roles: ['canary-role'] });
    await Array.fromAsync(phonectl.control.reboot({ selector: { refs: ['canary-phone'] }, wait: false }));
    Object.assign(keys, {
      empty: await test.key('empty'),
      reader: await test.key('reader'),
      hq: await test.key('hq'),
      branch: await test.key('canary-role'),
      super: await test.key('super'),
    });
  });
  after(() => test.stop());

  function send(name: string, input: Record<string, unknown>, key: Key | undefined): Promise<HttpAnswer> {
    const [noun, verb] = name.split('.');
    const body = JSON.stringify(input);
    return ask(test, `/v1/${noun}/${verb}`, key === undefined ? { body } : { key, body });
  }
  /** A call that no operation accepts: what is checked before the input is all that can be answered. */
  const senseless = (name: string, key: Key | undefined) => {
    const [noun, verb] = name.split('.');
    return ask(test, `/v1/${noun}/${verb}?nosuch=1`, key === undefined ? {} : { key });
  };

  it('every operation declares a permission, and is classified', () => {
    const wrong = operations.filter(([, { permission }]) => !/^[a-z]+(-[a-z]+)*:[a-z]+(-[a-z]+)*$/.test(permission));
    assert.deepEqual(
      wrong.map(([name]) => name),
      [],
    );
    const taken = operations.map(([name]) => name);
    assert.equal(new Set(taken).size, taken.length);
    const known = new Set([...Object.keys(REFERRING), ...Object.keys(LISTING), ...NAMES_NOTHING]);
    const missing = operations.filter(
      ([name, { local, permission, effect }]) =>
        !local && !isFleetWide(permission) && !known.has(name) && !(effect === 'read' && OF_NO_SITE.test(name)),
    );
    assert.deepEqual(
      missing.map(([name]) => name),
      [],
      'Put these into samples.ts: what do they name, and what do they list?',
    );
  });

  it('no key: nothing but signing in', async () => {
    for (const [name, { permission, local }] of operations) {
      const { status } = await senseless(name, undefined);
      assert.equal(status, local ? 403 : permission === 'auth:anonymous' ? 400 : 401, name);
    }
  });

  it('the empty role: nothing but oneself', async () => {
    for (const [name, { permission, local }] of operations) {
      const { status } = await senseless(name, keys.empty);
      assert.equal(status, !local && permission.startsWith('auth:') ? 400 : 403, name);
    }
  });

  it('a role that reads: everything that reads, nothing else', async () => {
    for (const [name, { permission, local, effect }] of operations) {
      const { status } = await senseless(name, keys.reader);
      const may = permission.endsWith(':read') || permission.startsWith('auth:');
      assert.equal(status, !local && may ? 400 : 403, `${name} ${permission}`);
      if (permission.endsWith(':read') && !local) assert.equal(effect, 'read', `${name} writes with ${permission}`);
    }
  });

  it('a role for one site: everything but what is about the whole fleet', async () => {
    for (const [name, { permission, local }] of operations) {
      const { status } = await senseless(name, keys.hq);
      assert.equal(status, local || isFleetWide(permission) ? 403 : 400, `${name} ${permission}`);
    }
  });

  it('super: everything that is not about the machine of the server', async () => {
    for (const [name, { local }] of operations) {
      assert.equal((await senseless(name, keys.super)).status, local ? 403 : 400, name);
    }
  });

  for (const [name, sample] of Object.entries(REFERRING)) {
    it(`${name}: an object of another site is answered like one that does not exist`, async () => {
      const operation = operations.find(([one]) => one === name)?.[1];
      assert.ok(operation, `${name} is gone: take it out of samples.ts`);
      const foreign = await send(name, sample(naming(FOREIGN)), keys.hq);
      const madeUp = await send(name, sample(naming(MADE_UP)), keys.hq);
      const neutral = (answer: HttpAnswer, names: Record<Kind, string>) =>
        Object.values({ ...names, task: `no task ${names.task}.` })
          .sort((a, b) => b.length - a.length)
          .reduce((text, one) => text.replaceAll(one, '…'), answer.text)
          .replace(/"\w+At":"[^"]*"/g, '')
          .replace(/(task|timer) \d+/g, '$1 …');
      assert.equal(neutral(foreign, FOREIGN), neutral(madeUp, MADE_UP));
      assert.equal(foreign.status, madeUp.status);
      // And it is the scope that hides it: who may see it gets further.
      if (operation.effect === 'read') {
        const seen = await send(name, sample(naming(FOREIGN)), keys.branch);
        assert.notEqual(seen.text, foreign.text, `${name} says the same to those who may see it`);
      }
    });
  }

  for (const [name, input] of Object.entries(LISTING)) {
    it(`${name}: says nothing of another site`, async () => {
      const limited = await send(name, input, keys.hq);
      assert.ok([200, 404].includes(limited.status), limited.text);
      const text = limited.text.toLowerCase();
      for (const canary of ['canary', '0004f2cccc01', '203.0.113']) {
        assert.ok(!text.includes(canary), `${canary} in ${limited.text.slice(0, 2000)}`);
      }
    });
  }

  it('counts only what is in scope', async () => {
    const count = async (key: Key | undefined) => (await send('device.count', {}, key)).json();
    const [hq, all] = [await count(keys.hq), await count(keys.super)];
    assert.notDeepEqual(hq, all);
    const group = async (key: Key | undefined) => (await send('group.show', { group: 'Shared' }, key)).json();
    assert.deepEqual([(await group(keys.hq))['deviceCount'], (await group(keys.super))['deviceCount']], [1, 2]);
  });

  it('ROLE-05: a helpdesk key sees and reboots the phones of its site and does nothing else', async () => {
    const { roles } = test.home.phonectl;
    await roles.add({ name: 'helpdesk', permissions: ['device:read', 'device:reboot'], sites: ['HQ'] });
    const remote = test.connect(await test.key('helpdesk'));
    const phones = await Array.fromAsync(remote.devices.list({}));
    assert.deepEqual(
      phones.map(({ name }) => name),
      ['hq-phone'],
    );
    const plan = await Array.fromAsync(remote.control.reboot({ selector: { refs: ['hq-phone'] }, dryRun: true }));
    assert.ok(plan.length > 0);
    const reboot = async () =>
      Array.fromAsync(remote.control.reboot({ selector: { refs: ['canary-phone'] }, dryRun: true }));
    await assert.rejects(reboot, { code: 'not_found' });
    await assert.rejects(remote.devices.delete({ selector: { refs: ['hq-phone'] } }), { code: 'forbidden' });
    await assert.rejects(Array.fromAsync(remote.sites.list({})), { code: 'forbidden' });
  });
});

/** What these nouns name belongs to no site, so that everybody may read it who may read such things at all. */
const OF_NO_SITE = /^(?:catalog|certificate|firmware|profile|resource)\./;

/** Operations that neither refer to an object of a site nor list any. */
const NAMES_NOTHING: readonly string[] = [
  'site.add',
  'site.import',
  'account.add',
  'account.import',
  'device.add',
  'device.import',
  'deploy.dhcp',
  'deploy.handover',
  'deploy.commonCfg',
  'setting.provisioning',
  'setting.mail',
  'setting.tasks',
  'log.retention',
  // Bytes come with these: what they name is checked by tests of their own.
  'device.fileUpload',
  'config.macUpload',
  'config.writeBytes',
  'change.show',
  'change.plan',
  'config.show',
  'model.check',
  'role.add',
  'role.permissions',
  'role.groups',
  'role.addGroup',
  'role.renameGroup',
  'role.deleteGroup',
  'key.create',
  'delegation.grant',
  'user.add',
  'api.document',
  'auth.login',
  'auth.logout',
  'auth.whoami',
  'auth.edit',
  'auth.passwd',
  'auth.forgot',
  'auth.reset',
  'enrolment.approve',
  'enrolment.discard',
];
