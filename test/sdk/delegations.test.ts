import assert from 'node:assert/strict';
import { startTestApi, type TestApi } from '../support/api.ts';

const EMAIL = 'ops@reseller.example';

describe('delegations (ENT-11)', function () {
  this.timeout(20_000);
  let test: TestApi;
  const time = { ahead: 0 };

  before(async () => {
    test = await startTestApi({ clock: { now: () => Date.now() + time.ahead, monotonic: () => performance.now() } });
    await test.home.phonectl.sites.add({ sites: [{ name: 'HQ' }, { name: 'Branch' }] });
  });
  after(() => test.stop());
  beforeEach(() => {
    time.ahead = 0;
  });
  afterEach(async () => {
    const { delegations } = test.home.phonectl;
    for await (const { email } of delegations.list({})) await delegations.revoke({ email });
  });

  /** The first password, as the letter in the outbox says it. */
  async function firstPassword(mail: string): Promise<string> {
    const text = await test.home.phonectl.users.mail({ id: mail });
    return /^ {2}(\S{12,})\r$/m.exec(text)![1]!;
  }
  async function signIn(mail: string): Promise<ReturnType<TestApi['connect']>> {
    const old = await firstPassword(mail);
    const { token } = await test.connect().auth.login({ email: EMAIL, password: old });
    await test.connect({ token }).auth.passwd({ old, password: 'correct horse battery' });
    return test.connect({ token });
  }

  it('let somebody act as the administrator at once; end by themselves, or when they are taken back', async () => {
    const { phonectl } = test.home;
    const granted = await phonectl.delegations.grant({ email: EMAIL, name: 'Reseller', until: '20m' });
    assert.deepEqual([granted.state, granted.roles, granted.by], ['active', ['super'], 'tester']);
    const delegate = await signIn(granted.mail!);
    await delegate.groups.add({ groups: [{ name: 'By the reseller' }] });
    for await (const line of phonectl.logs.list({ operation: 'group.add', limit: 1 })) {
      assert.deepEqual([line.actor, line.actorKind], [EMAIL, 'delegate'], 'under a name of their own');
    }
    const me = await delegate.auth.whoami({});
    assert.deepEqual([me.email, me.delegation], [EMAIL, { by: 'tester', until: granted.until }]);

    time.ahead = 19 * 60_000;
    await delegate.sites.show({ site: 'HQ' });
    time.ahead = 21 * 60_000;
    await assert.rejects(delegate.sites.show({ site: 'HQ' }), { code: 'account_frozen' });

    const longer = await phonectl.delegations.grant({ email: EMAIL, until: '10d', roles: ['empty'] });
    assert.deepEqual([longer.mail, longer.roles], [null, ['empty']], 'the password stays');
    await assert.rejects(delegate.sites.show({ site: 'HQ' }), { code: 'forbidden' }, 'it is less now');
    await assert.rejects(phonectl.delegations.grant({ email: EMAIL, until: '2020-01-01' }), { code: 'invalid_input' });

    await phonectl.delegations.revoke({ email: EMAIL });
    await assert.rejects(delegate.auth.whoami({}), { code: 'session_expired' });
    const again = test.connect().auth.login({ email: EMAIL, password: 'correct horse battery' });
    await assert.rejects(again, { code: 'unauthenticated' });
    await assert.rejects(phonectl.delegations.revoke({ email: EMAIL }), { code: 'not_found' });
  });

  it('are no way to more than one has: a delegate of one site hands on that site, and sees no other delegation', async () => {
    const { phonectl } = test.home;
    const manage = ['delegation:*', 'user:*', 'site:read'];
    await phonectl.roles.add({ name: 'manager', permissions: manage, sites: ['HQ'] });
    await phonectl.roles.add({ name: 'branch', permissions: ['site:read'], sites: ['Branch'] });
    await phonectl.roles.add({ name: 'hq', permissions: ['site:read'], sites: ['HQ'] });
    await phonectl.delegations.grant({ email: 'other@reseller.example' });
    const manager = test.connect(await test.key('manager'));
    await assert.rejects(manager.delegations.grant({ email: EMAIL }), { code: 'not_found' });
    await assert.rejects(manager.delegations.grant({ email: EMAIL, roles: ['branch'] }), { code: 'not_found' });
    await assert.rejects(manager.delegations.revoke({ email: 'other@reseller.example' }), { code: 'not_found' });
    await manager.delegations.grant({ email: EMAIL, roles: ['hq'] });
    const seen: string[] = [];
    for await (const { email } of manager.delegations.list({})) seen.push(email);
    assert.deepEqual(seen, [EMAIL]);
  });

  it('name the keys that the delegate leaves behind, and never last longer than the one who grants them', async () => {
    const { phonectl } = test.home;
    const granted = await phonectl.delegations.grant({ email: EMAIL, until: '1d' });
    const delegate = await signIn(granted.mail!);
    await assert.rejects(delegate.delegations.grant({ email: EMAIL }), { code: 'forbidden' });
    await assert.rejects(delegate.keys.create({ name: 'theirs', roles: ['super'] }), { code: 'forbidden' });
    await delegate.keys.create({ name: 'theirs', roles: ['super'], expires: '23h' });
    assert.deepEqual(await phonectl.delegations.revoke({ email: EMAIL }), { revoked: EMAIL, keys: ['theirs'] });
  });

  it('are not for users of the enterprise itself, who stay what they are', async () => {
    const { phonectl } = test.home;
    await phonectl.users.add({ email: 'ada@example.net', roles: ['empty'], password: 'correct horse battery' });
    await assert.rejects(phonectl.delegations.grant({ email: 'Ada@example.net' }), { code: 'exists' });
    await assert.rejects(phonectl.delegations.revoke({ email: 'ada@example.net' }), { code: 'not_found' });
    assert.equal((await phonectl.users.show({ user: 'ada@example.net' })).delegatedBy, null);
  });

  it('AUTH-11, AUTH-12: whoever is signed in changes how to be reached, and not the address', async () => {
    const { mail } = await test.home.phonectl.delegations.grant({ email: EMAIL, roles: ['empty'] });
    const { token } = await test.connect().auth.login({ email: EMAIL, password: await firstPassword(mail!) });
    const delegate = test.connect({ token });
    await delegate.auth.edit({ name: 'Ada Lovelace', phone: '+49 30 1234567' });
    const me = await delegate.auth.edit({ country: 'Germany' });
    assert.deepEqual(me.contact, { name: 'Ada Lovelace', phone: '+49 30 1234567', country: 'Germany' });
    assert.deepEqual(me.roles, ['empty']);
    const address = { name: 'x', email: 'eve@example.net' };
    await assert.rejects(delegate.auth.edit(address), { code: 'invalid_input' });
    await assert.rejects(test.home.phonectl.auth.edit({ name: 'x' }), { code: 'conflict' });
  });
});
