import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { Gatekeeper } from '../../src/sdk/access/gatekeeper.ts';
import { holds, narrow, reaches } from '../../src/sdk/access/grants.ts';
import { checkPassword, hashPassword, newPassword, verifyPassword } from '../../src/sdk/access/passwords.ts';
import { type Caller, callValue, type Installation } from '../../src/sdk/door.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import { loadOperations } from '../../src/sdk/index.ts';
import type { Clock } from '../../src/sdk/ports/clock.ts';
import type { Grant } from '../../src/sdk/ports/roles.ts';
import { makeHome, type TestHome } from '../support/home.ts';

const PASSWORD = 'correct horse battery';
const WRONG = 'wrong horse battery';
const EMAIL = 'ada@example.net';

describe('users and sessions', () => {
  let home: TestHome;
  let installation: Installation;
  const time = { now: Date.UTC(2026, 10, 22), monotonic: 1_000 };
  let clock: Clock;
  const stranger = (source = '203.0.113.1'): Caller => ({
    actor: { kind: 'anonymous', name: 'anonymous', source },
    scope: [],
    permissions: ['auth:anonymous'],
  });
  const owner: Caller = { actor: { kind: 'local', name: 'owner', source: 'local' }, scope: 'all', permissions: ['*'] };

  beforeEach(async () => {
    home = await makeHome();
    await start();
    await call('user.add', { email: EMAIL, roles: ['super'], password: PASSWORD });
    await call('user.add', { email: 'bob@example.net', roles: ['empty'], password: PASSWORD });
  });
  afterEach(async () => {
    await installation.store.close();
    await home.remove();
  });

  /** A process of its own: what is only in memory is gone after it. */
  async function start(): Promise<void> {
    clock = { now: () => time.now, monotonic: () => time.monotonic };
    installation = { ...(await openInstallation({ home: home.path })), clock, operations: loadOperations };
  }
  async function restart(): Promise<void> {
    await installation.store.close();
    await start();
  }
  function pass(ms: number): void {
    time.now += ms;
    time.monotonic += ms;
  }
  async function call<T = unknown>(name: string, input: object, caller: Caller = owner): Promise<T> {
    const operation = (await loadOperations()).get(name)!;
    return (await callValue(installation, { name, operation, input, caller })) as T;
  }
  const login = (password: string, email = EMAIL, source?: string) =>
    call<{ token: string; expiresAt: string; mustChangePassword: boolean }>(
      'auth.login',
      { email, password },
      stranger(source),
    );
  async function wrong(times: number, email = EMAIL): Promise<void> {
    for (let index = 0; index < times; index += 1) {
      await assert.rejects(login(WRONG, email), { code: 'unauthenticated' });
    }
  }
  /** As after so many wrong passwords; trying them for real costs a third of a second each. */
  async function wrongBefore(failures: number, email = EMAIL): Promise<void> {
    const at = { firstAt: time.now, lastAt: time.now };
    await installation.store.transaction(({ users }) =>
      users.setFailure('user', email, { failures, ...at, lockedUntil: null }),
    );
  }
  const enter = (token: string) => new Gatekeeper(installation).recognise({ kind: 'session', token }, '203.0.113.1');

  it('AUTH-04: ten wrong passwords, then the right one: in', async function () {
    this.timeout(30_000);
    await wrong(10);
    assert.ok((await login(PASSWORD)).token);
    // And the count begins anew.
    await wrong(1);
    assert.ok((await login(PASSWORD)).token);
  });

  it('AUTH-04: eleven wrong, then right: locked until 300 seconds have passed, also after a restart', async function () {
    this.timeout(30_000);
    const { token } = await login(PASSWORD);
    await wrong(11);
    await assert.rejects(login(PASSWORD), { code: 'account_locked', details: { retryAfter: 300 } });
    pass(100_000);
    await restart();
    await assert.rejects(login(PASSWORD), { code: 'account_locked', details: { retryAfter: 200 } });
    // Setting the wall clock forward does not help a process that has seen the lock.
    time.now += 3_600_000;
    await assert.rejects(login(PASSWORD), { code: 'account_locked' });
    time.now -= 3_600_000;
    pass(199_999);
    await assert.rejects(login(PASSWORD), { code: 'account_locked', details: { retryAfter: 1 } });
    assert.equal((await enter(token)).name, EMAIL, 'the live session goes on');
    pass(1);
    assert.ok((await login(PASSWORD)).token);
  });

  it('AUTH-04: a clock set back does not lengthen a lock beyond its time', async function () {
    this.timeout(30_000);
    await wrongBefore(10);
    await wrong(1);
    time.now -= 2 * 365 * 86_400_000;
    await restart();
    await assert.rejects(login(PASSWORD), { code: 'account_locked', details: { retryAfter: 300 } });
    time.monotonic += 300_000;
    assert.ok((await login(PASSWORD)).token);
  });

  it('AUTH-04: a hundred tries at once get eleven guesses', async function () {
    this.timeout(60_000);
    const tries = Array.from({ length: 90 }, () => login(WRONG).catch((error: { code: string }) => error.code));
    const codes = await Promise.all(tries);
    assert.equal(codes.filter((code) => code === 'unauthenticated').length, 11);
    assert.equal(codes.filter((code) => code === 'account_locked').length, 79);
  });

  it('locks a name that nobody has in the same way', async function () {
    this.timeout(30_000);
    await wrongBefore(10, 'nobody@example.net');
    await wrong(1, 'nobody@example.net');
    await assert.rejects(login(PASSWORD, 'nobody@example.net'), { code: 'account_locked' });
    assert.ok((await login(PASSWORD)).token);
  });

  it('AUTH-04: an administrator can unlock', async function () {
    this.timeout(30_000);
    await wrongBefore(10);
    await wrong(1);
    await call('user.unlock', { user: EMAIL });
    assert.ok((await login(PASSWORD)).token);
  });

  it('counts by source too: a hundred failures in an hour, whatever the names', async () => {
    await installation.store.transaction(({ users }) =>
      users.setFailure('source', '203.0.113.9', {
        failures: 100,
        firstAt: time.now,
        lastAt: time.now,
        lockedUntil: null,
      }),
    );
    await assert.rejects(login(PASSWORD, EMAIL, '203.0.113.9'), { code: 'busy' });
    assert.ok((await login(PASSWORD)).token);
    pass(3_600_001);
    assert.ok((await login(PASSWORD, EMAIL, '203.0.113.9')).token);
  });

  it('AUTH-05: a session ends 30 minutes after its last use, not before', async () => {
    const { token } = await login(PASSWORD);
    const gatekeeper = new Gatekeeper(installation);
    const use = () => gatekeeper.recognise({ kind: 'session', token }, '203.0.113.1');
    for (let index = 0; index < 4; index += 1) {
      pass(29 * 60_000);
      assert.equal((await use()).name, EMAIL);
    }
    await restart();
    assert.equal((await enter(token)).name, EMAIL);
    pass(30 * 60_000 + 1);
    await assert.rejects(enter(token), { code: 'session_expired' });
    await assert.rejects(enter(`pt_${'x'.repeat(43)}`), { code: 'session_expired' });
  });

  it('AUTH-03: a new user can do nothing but change the password', async () => {
    const { token, mustChangePassword } = await login(PASSWORD);
    assert.equal(mustChangePassword, true);
    const gatekeeper = new Gatekeeper(installation);
    const operations = await loadOperations();
    const principal = await enter(token);
    assert.throws(() => gatekeeper.caller(principal, operations.get('site.list')!), {
      code: 'password_change_required',
    });
    const self = gatekeeper.caller(principal, operations.get('auth.passwd')!);
    await assert.rejects(call('auth.passwd', { old: WRONG, password: 'a new long password' }, self), {
      code: 'unauthenticated',
    });
    await assert.rejects(call('auth.passwd', { old: PASSWORD, password: 'short' }, self), { code: 'invalid_input' });
    await assert.rejects(call('auth.passwd', { old: PASSWORD, password: PASSWORD }, self), { code: 'invalid_input' });
    await call('auth.passwd', { old: PASSWORD, password: 'a new long password' }, self);
    const changed = await enter(token);
    assert.equal(gatekeeper.caller(changed, operations.get('site.list')!).scope, 'all');
    await assert.rejects(login(PASSWORD), { code: 'unauthenticated' });
  });

  it('AUTH-06, AUTH-07: signing out ends this session, or all of them', async () => {
    const [one, two, three] = [await login(PASSWORD), await login(PASSWORD), await login(PASSWORD)];
    const gatekeeper = new Gatekeeper(installation);
    const logout = (await loadOperations()).get('auth.logout')!;
    await call('auth.logout', {}, gatekeeper.caller(await enter(one.token), logout));
    await assert.rejects(enter(one.token), { code: 'session_expired' });
    assert.ok(await enter(two.token));
    await call('auth.logout', { all: true }, gatekeeper.caller(await enter(two.token), logout));
    await assert.rejects(enter(three.token), { code: 'session_expired' });
  });

  it('AUTH-10: a reset token comes by mail, is good for ten minutes and once, and is kept as a hash', async () => {
    const { token: session } = await login(PASSWORD);
    const known = await call('auth.forgot', { email: EMAIL }, stranger());
    const unknown = await call('auth.forgot', { email: 'nobody@example.net' }, stranger());
    assert.deepEqual(known, unknown);
    const mail = () => {
      const files = readdirSync(join(home.path, 'outbox')).sort();
      assert.equal(statSync(join(home.path, 'outbox', files.at(-1)!)).mode & 0o777, 0o600);
      return /pt_[\w-]{43}/.exec(readFileSync(join(home.path, 'outbox', files.at(-1)!), 'utf8'))![0];
    };
    const token = mail();
    assert.ok(!readFileSync(join(home.path, 'phonectl.db-wal')).includes(token));
    const listed = JSON.stringify(await call('user.outbox', {}));
    assert.ok(listed.includes(EMAIL) && !listed.includes(token));
    const reset = (with_: string) => call('auth.reset', { token: with_, password: 'a new long password' }, stranger());
    await assert.rejects(reset(`pt_${'x'.repeat(43)}`), { code: 'unauthenticated' });
    await assert.rejects(call('auth.reset', { token, password: 'short' }, stranger()), { code: 'invalid_input' });
    await reset(token);
    await assert.rejects(reset(token), { code: 'unauthenticated' }, 'used twice');
    await assert.rejects(enter(session), { code: 'session_expired' }, 'sessions end');
    time.now += 1;
    await call('auth.forgot', { email: EMAIL }, stranger());
    const late = mail();
    assert.notEqual(late, token);
    pass(10 * 60_000);
    await assert.rejects(reset(late), { code: 'unauthenticated' }, 'after ten minutes');
    assert.ok((await login('a new long password')).token);
  });

  it('AUTH-16, SUB-02: first and reset passwords go into the outbox, shown by no answer', async () => {
    const added = await call<{ mail: string }>('user.add', { email: 'eve@example.net', roles: ['empty'] });
    const text = await call<string>('user.mail', { id: added.mail });
    const password = /^ {2}(\S{23})\r$/m.exec(text)![1]!;
    assert.ok(!JSON.stringify(added).includes(password));
    assert.ok((await login(password, 'eve@example.net')).mustChangePassword);
    const reset = await call<{ mail: string }>('user.resetPassword', { user: 'eve@example.net' });
    assert.ok(!JSON.stringify(reset).includes(password));
    await assert.rejects(login(password, 'eve@example.net'), { code: 'unauthenticated' });
    const log = JSON.stringify(await Array.fromAsync(installation.store.read.log.list({})));
    assert.ok(!log.includes(password));
    assert.ok(log.includes('user.mail'), 'showing a mail is recorded');
  });

  it('does not record what was typed as the name of nobody: it may be a password', async () => {
    await assert.rejects(login('x', 'my secret password@home'), { code: 'unauthenticated' });
    const log = JSON.stringify(await Array.fromAsync(installation.store.read.log.list({})));
    assert.ok(!log.includes('my secret'));
    assert.ok(log.includes('user (unknown)'));
  });

  it('nobody raises themselves: who is limited to roles, users and keys cannot make a greater one', async () => {
    await call('site.add', { sites: [{ name: 'HQ' }, { name: 'Branch' }] });
    const hq = (await installation.store.read.roles.sitesNamed(['HQ']))[0]!.id;
    const { id } = (await call('key.create', { name: 'limited', roles: ['empty'] })) as { id: string };
    const limited: Caller = {
      actor: { kind: 'key', name: id, source: '203.0.113.1' },
      scope: [hq],
      permissions: ['role:*', 'user:*', 'key:*', 'device:read'],
    };
    const add = (role: object) => call('role.add', { name: 'r', ...role }, limited);
    await assert.rejects(add({ permissions: ['*'], sites: ['HQ'] }), { code: 'forbidden' });
    await assert.rejects(add({ permissions: ['device:*'], sites: ['HQ'] }), { code: 'forbidden' });
    await assert.rejects(add({ permissions: ['device:read'], sites: 'all' }), { code: 'forbidden' });
    await assert.rejects(add({ permissions: ['device:read'], sites: ['Branch'] }), { code: 'not_found' });
    await add({ permissions: ['device:read'], sites: ['HQ'] });
    await assert.rejects(call('role.edit', { role: 'r', grant: ['site:read'] }, limited), { code: 'forbidden' });
    await assert.rejects(call('key.create', { name: 'k', roles: ['super'] }, limited), { code: 'not_found' });
    await assert.rejects(call('user.resetPassword', { user: EMAIL }, limited), { code: 'not_found' });
    await assert.rejects(call('user.freeze', { user: EMAIL }, limited), { code: 'not_found' });
    await assert.rejects(call('user.edit', { user: 'bob@example.net', roles: ['super'] }, limited), {
      code: 'not_found',
    });
    await call('key.create', { name: 'k', roles: ['r'] }, limited);
  });

  it('ROLE-01, ROLE-02: the default group and the roles super and empty stay as they are', async () => {
    await assert.rejects(call('role.edit', { role: 'super', revoke: ['*'] }), { code: 'protected' });
    await assert.rejects(call('role.delete', { role: 'empty' }), { code: 'protected' });
    await assert.rejects(call('role.renameGroup', { group: 'default', name: 'x' }), { code: 'protected' });
    await assert.rejects(call('role.deleteGroup', { group: 'default' }), { code: 'protected' });
    await call('role.addGroup', { name: 'Support' });
    await call('role.add', { name: 'helpdesk', group: 'support', permissions: ['device:read'], sites: 'all' });
    await assert.rejects(call('role.deleteGroup', { group: 'Support' }), { code: 'in_use' });
    await call('user.edit', { user: EMAIL, roles: ['helpdesk'] });
    await assert.rejects(call('role.delete', { role: 'helpdesk' }), { code: 'in_use' });
    await assert.rejects(call('role.edit', { role: 'helpdesk', grant: ['device:fly'] }), { code: 'invalid_input' });
  });
});

describe('what roles grant', () => {
  it('ROLE-04: a permission is held exactly, for a noun, for a verb, or at all', () => {
    assert.ok(holds(['device:read'], 'device:read'));
    assert.ok(holds(['device:*'], 'device:reboot'));
    assert.ok(holds(['*:read'], 'site:read'));
    assert.ok(holds(['*'], 'site:delete'));
    assert.ok(!holds(['*:read'], 'site:edit'));
    assert.ok(!holds(['device:*'], 'devices:read'));
    assert.ok(!holds(['device:read', 'site:*'], '*'));
    assert.ok(!holds(['device:read'], 'device:*'));
    assert.ok(!holds(['*:*'], 'device:read'));
    assert.ok(!holds([], 'device:read'));
  });

  const permission = fc.constantFrom(
    'device:read',
    'device:reboot',
    'device:reveal',
    'site:read',
    'device:*',
    '*:read',
    '*',
  );
  const sites = fc.oneof(fc.constant('all' as const), fc.uniqueArray(fc.integer({ min: 1, max: 5 })));
  const grants = fc.array(fc.record({ permissions: fc.array(permission), sites }), { maxLength: 5 }) as fc.Arbitrary<
    Grant[]
  >;
  const concrete = ['device:read', 'device:reboot', 'device:reveal', 'site:read'];

  it('ROLE-06: roles together never allow on a site what no role allows there', () => {
    fc.assert(
      fc.property(grants, fc.constantFrom(...concrete), fc.integer({ min: 1, max: 5 }), (held, wanted, site) => {
        const { scope, permissions } = narrow(held, wanted);
        if (!reaches(scope, [site])) return;
        for (const one of concrete.filter((p) => holds(permissions, p))) {
          assert.ok(
            held.some((grant) => holds(grant.permissions, one) && reaches(grant.sites, [site])),
            `${one} on ${site}`,
          );
        }
      }),
    );
  });

  it('ROLE-06: and always reach what some role allows for that permission', () => {
    fc.assert(
      fc.property(grants, fc.constantFrom(...concrete), (held, wanted) => {
        const { scope, permissions } = narrow(held, wanted);
        for (const grant of held.filter((one) => holds(one.permissions, wanted))) {
          assert.ok(reaches(scope, grant.sites));
          assert.ok(holds(permissions, wanted));
        }
      }),
    );
  });
});

describe('passwords', () => {
  it('are kept as scrypt with a salt of their own, and compared whole', async () => {
    const [one, two] = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)];
    assert.notEqual(one, two);
    assert.match(one, /^scrypt\$15\$8\$3\$/);
    assert.equal(await verifyPassword(PASSWORD, one), true);
    assert.equal(await verifyPassword(`${PASSWORD}x`, one), false);
    assert.equal(await verifyPassword('Mu\u0308ller am Fluss', await hashPassword('M\u00fcller am Fluss')), true);
    assert.equal(await verifyPassword(PASSWORD, undefined), false);
  });

  it('that are easy to guess are refused', () => {
    const bad = ['', 'short', 'aaaaaaaaaaaaaaaa', 'abababababababab', 'ada.lovelace-2026', 'x'.repeat(1025)];
    for (const password of bad) {
      assert.throws(() => checkPassword(password, 'ada.lovelace@example.net'), { code: 'invalid_input' }, password);
    }
    for (let index = 0; index < 20; index += 1) checkPassword(newPassword(), 'ada@example.net');
  });
});
