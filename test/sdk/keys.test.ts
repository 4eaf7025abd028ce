import assert from 'node:assert/strict';
import { startTestApi, type TestApi } from '../support/api.ts';
import { ask } from '../support/http.ts';

describe('editing access keys (KEY-01, KEY-02)', function () {
  this.timeout(20_000);
  let test: TestApi;
  const now = { ahead: 0 };

  before(async () => {
    test = await startTestApi({ clock: { now: () => Date.now() + now.ahead, monotonic: () => performance.now() } });
    const { sites, roles } = test.home.phonectl;
    await sites.add({ sites: [{ name: 'HQ' }, { name: 'Branch' }] });
    await roles.add({ name: 'reader', permissions: ['site:read'], sites: 'all' });
    await roles.add({ name: 'keeper', permissions: ['key:*', 'site:read', 'delegation:*'], sites: 'all' });
    await roles.add({ name: 'hq', permissions: ['site:read'], sites: ['HQ'] });
  });
  after(() => test.stop());
  beforeEach(() => {
    now.ahead = 0;
  });

  it('changes what is given and leaves the rest; it holds from the next request on', async () => {
    const { keys, logs } = test.home.phonectl;
    const made = await keys.create({ name: 'ci', description: 'nightly', roles: ['reader'], expires: '1h' });
    const ci = test.connect({ id: made.id, secret: made.secret! });
    assert.ok((await Array.fromAsync(ci.sites.list({}))).length > 2);

    const renamed = await keys.edit({ key: 'ci', name: 'CI runner', description: 'apply on main' });
    assert.deepEqual(
      [renamed.name, renamed.description, renamed.roles, renamed.expiresAt, renamed.version],
      ['CI runner', 'apply on main', ['reader'], made.expiresAt, 2],
    );
    await assert.rejects(keys.show({ key: 'ci' }), { code: 'not_found' });

    await keys.edit({ key: 'CI runner', roles: ['hq'] });
    assert.deepEqual(
      (await Array.fromAsync(ci.sites.list({}))).map(({ name }) => name),
      ['HQ'],
    );
    await keys.edit({ key: made.id, from: ['10.20.0.0/16'] });
    await assert.rejects(Array.fromAsync(ci.sites.list({})), { code: 'unauthenticated' });
    await keys.edit({ key: made.id, from: [], expires: '3h' });
    now.ahead = 2 * 3_600_000;
    await Array.fromAsync(ci.sites.list({}));
    now.ahead = 4 * 3_600_000;
    await assert.rejects(Array.fromAsync(ci.sites.list({})), { code: 'unauthenticated' });
    assert.equal((await keys.edit({ key: made.id, expires: '' })).expiresAt, null);
    await Array.fromAsync(ci.sites.list({}));

    const preview = await keys.edit({ key: made.id, name: 'never', dryRun: true });
    assert.equal(preview.name, 'never');
    assert.equal((await keys.show({ key: made.id })).name, 'CI runner');
    for await (const line of logs.list({ operation: 'key.edit', limit: 1 })) {
      assert.deepEqual([line.object, line.details], ['key:CI runner', { id: made.id, expiresAt: null }]);
    }
  });

  it('refuses a name that is taken, a time that has passed, and a key that is revoked', async () => {
    const { keys } = test.home.phonectl;
    await keys.create({ name: 'one', roles: ['empty'] });
    const two = await keys.create({ name: 'two', roles: ['empty'] });
    await assert.rejects(keys.edit({ key: 'two', name: 'ONE' }), { code: 'exists' });
    assert.equal((await keys.edit({ key: 'two', name: 'Two' })).name, 'Two', 'its own name in another spelling');
    await assert.rejects(keys.edit({ key: 'two', expires: '2020-01-01' }), { code: 'invalid_input' });
    await assert.rejects(keys.edit({ key: 'two', roles: ['nosuch'] }), { code: 'not_found' });
    await assert.rejects(keys.edit({ key: 'two', from: ['10.0.0.0/33'] }), { code: 'invalid_input' });
    await keys.revoke({ key: two.id });
    await assert.rejects(keys.edit({ key: two.id, expires: '' }), { code: 'conflict' });
  });

  it('If-Match: only the version that was seen is changed, rotated or revoked', async () => {
    await test.home.phonectl.keys.create({ name: 'matched', roles: ['empty'] });
    const key = await test.key();
    const send = (path: string, version: string, more: object = {}) =>
      ask(test, path, { key, body: JSON.stringify({ key: 'matched', ...more }), headers: { 'if-match': version } });
    const first = await send('/v1/key/edit', '"1"', { description: 'a' });
    assert.deepEqual([first.status, first.headers.etag], [200, '"2"']);
    for (const path of ['/v1/key/edit', '/v1/key/rotate', '/v1/key/revoke']) {
      const body = path.endsWith('edit') ? { description: 'b' } : {};
      assert.equal((await send(path, '"1"', body)).status, 412, path);
    }
    assert.equal((await send('/v1/key/rotate', '"2"')).status, 200);
    assert.equal((await send('/v1/key/revoke', '"3"')).status, 200);
  });

  it('nobody gives more than they have: roles, time and networks (ENT-11)', async () => {
    const { keys, delegations } = test.home.phonectl;
    const lent = await test.key('keeper', { from: ['127.0.0.0/8', '10.0.0.0/8'], expires: '1d' });
    const keeper = test.connect(lent);
    await keys.create({ name: 'strong', roles: ['super'] });
    await keys.create({ name: 'lasting', roles: ['reader'] });
    const weak = await keeper.keys.create({ name: 'weak', roles: ['reader'], expires: '1h', from: ['10.1.0.0/16'] });

    await assert.rejects(keeper.keys.edit({ key: 'strong', name: 'mine' }), { code: 'not_found' });
    await assert.rejects(keeper.keys.edit({ key: 'weak', roles: ['super'] }), { code: 'not_found' });
    for (const more of [
      { expires: '' },
      { expires: '2d' },
      { from: [] },
      { from: ['0.0.0.0/0'] },
      { from: ['::/0'] },
    ]) {
      for (const key of ['weak', lent.id]) {
        await assert.rejects(
          keeper.keys.edit({ key, ...more }),
          { code: 'forbidden' },
          `${key} ${JSON.stringify(more)}`,
        );
      }
    }
    await assert.rejects(keeper.keys.create({ name: 'more', roles: ['reader'], from: ['10.1.0.0/16'] }), {
      code: 'forbidden',
    });
    await assert.rejects(keeper.keys.rotate({ key: 'lasting' }), { code: 'forbidden' });
    await assert.rejects(keeper.keys.edit({ key: 'lasting', roles: ['hq'] }), { code: 'forbidden' });
    assert.equal((await keeper.keys.edit({ key: 'lasting', description: 'of the house' })).expiresAt, null);
    await keeper.keys.edit({ key: weak.id, expires: '23h', from: ['10.0.0.0/9', '127.0.0.1'] });

    const email = 'ops@reseller.example';
    await assert.rejects(keeper.delegations.grant({ email, roles: ['reader'] }), { code: 'forbidden' });
    await keeper.delegations.grant({ email, roles: ['reader'], until: '1h' });
    await delegations.revoke({ email });
  });
});
