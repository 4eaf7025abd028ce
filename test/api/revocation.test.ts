import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { remoteConnection } from '../../src/sdk/remote/connection.ts';
import { startCli } from '../cli/harness.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { type Traces, testOperations } from '../support/operations.ts';

type Key = { id: string; secret: string } | { token: string };

describe('taking rights away (F-19, S-06)', () => {
  const traces: Traces = { done: [], aborted: 0 };
  let test: TestApi;

  before(async () => {
    test = await startTestApi({ extra: testOperations(traces) });
  });
  after(() => test.stop());

  /** Starts an endless stream, an upload and a long write, does something, and says how each ended and how soon. */
  async function endings(key: Key, act: () => Promise<unknown>): Promise<{ code: string; ms: number }[]> {
    traces.done.length = 0;
    const connection = remoteConnection({ server: test.server, ca: test.ca, key });
    async function* source(): AsyncGenerator<Uint8Array> {
      for (;;) {
        yield Buffer.alloc(1000);
        await sleep(20);
      }
    }
    const ticks = async () => {
      for await (const _ of connection.stream('test.tick', undefined as never, {}));
    };
    let started = Number.POSITIVE_INFINITY;
    const calls = [
      ticks(),
      connection.value('test.upload', undefined as never, { source: source(), name: 'endless' }),
      connection.value('test.slow', undefined as never, { steps: 10_000, time: 10 }),
    ].map((call) =>
      call.then(
        () => ({ code: 'it ended well', ms: performance.now() - started }),
        (error: { code: string }) => ({ code: error.code, ms: performance.now() - started }),
      ),
    );
    await sleep(300);
    started = performance.now();
    await act();
    const ended = await Promise.all(calls);
    connection.close();
    return ended;
  }

  function checkEnded(ended: { code: string; ms: number }[], code: string): void {
    for (const end of ended) {
      assert.equal(end.code, code);
      assert.ok(end.ms < 1_000, `took ${end.ms} ms`);
    }
    assert.deepEqual(traces.done, []);
  }

  it('revoking a key, from another process, ends its stream, its import and its write within a second', async () => {
    const key = await test.key();
    checkEnded(await endings(key, () => test.home.phonectl.keys.revoke({ key: key.id })), 'unauthenticated');
  });

  it('rotating a key without grace does the same', async () => {
    const key = await test.key();
    checkEnded(
      await endings(key, () => test.home.phonectl.keys.rotate({ key: key.id, grace: '0m' })),
      'unauthenticated',
    );
  });

  it('taking a permission out of a role ends what it allowed', async () => {
    const { roles } = test.home.phonectl;
    await roles.add({ name: 'tester', permissions: ['device:*'], sites: 'all' });
    await test.installation.store.transaction(async (repositories) => {
      const role = (await repositories.roles.find('tester'))!;
      await repositories.roles.edit(role.id, { ...role, permissions: ['test:*'], sites: 'all' }, 0);
    });
    const key = await test.key('tester');
    checkEnded(await endings(key, () => roles.edit({ role: 'tester', permissions: ['device:read'] })), 'forbidden');
  });

  it('AUTH-18: freezing a user ends their sessions at once, unfreezing lets them in again', async () => {
    const { users, auth } = test.home.phonectl;
    await users.add({ email: 'ada@example.net', roles: ['super'], password: 'correct horse battery' });
    const anonymous = test.connect();
    const first = await anonymous.auth.login({ email: 'ada@example.net', password: 'correct horse battery' });
    await test.connect({ token: first.token }).auth.passwd({
      old: 'correct horse battery',
      password: 'staple the other horse',
    });
    const session = { token: first.token };
    checkEnded(await endings(session, () => users.freeze({ user: 'ada@example.net' })), 'account_frozen');
    await assert.rejects(anonymous.auth.login({ email: 'ada@example.net', password: 'staple the other horse' }), {
      code: 'account_frozen',
    });
    await users.unfreeze({ user: 'ada@example.net' });
    assert.equal((await test.connect(session).auth.whoami({})).name, 'ada@example.net');
    assert.ok(auth);
  });

  describe('ends what the command line is doing', function () {
    this.timeout(30_000);
    let folder: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'phonectl-revoked-'));
      writeFileSync(join(folder, 'ca.pem'), test.ca);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    /** Starts a command with a key of its own, revokes the key once there is something to see, and times the end. */
    async function revoked(
      argv: readonly string[],
      begin: (child: ChildProcess) => Promise<unknown>,
    ): Promise<{ ms: number; status: number | null; stderr: string }> {
      const key = await test.key();
      const child = startCli(argv, {
        env: {
          PHONECTL_SERVER: test.server,
          PHONECTL_CA: join(folder, 'ca.pem'),
          PHONECTL_KEY_ID: key.id,
          PHONECTL_KEY_SECRET: key.secret,
        },
      });
      child.stdin!.on('error', () => {});
      let stderr = '';
      child.stderr!.on('data', (chunk) => {
        stderr += chunk;
      });
      await begin(child);
      const ended = once(child, 'close') as Promise<[number | null]>;
      const start = performance.now();
      await test.home.phonectl.keys.revoke({ key: key.id });
      const [status] = await ended;
      return { ms: performance.now() - start, status, stderr };
    }

    it('--watch, however long its interval', async () => {
      const argv = ['site', 'list', '--watch', '--interval', '60', '--output', 'ndjson'];
      const { ms, status, stderr } = await revoked(argv, (child) => once(child.stdout!, 'data'));
      assert.deepEqual([status, JSON.parse(stderr).error.code], [4, 'unauthenticated'], stderr);
      assert.ok(ms < 1_000, `took ${ms} ms`);
    });

    it('an import, of which nothing stays', async () => {
      const argv = ['device', 'import', '-', '--json'];
      const { ms, status, stderr } = await revoked(argv, async (child) => {
        const rows = Array.from({ length: 5_000 }, (_, row) => `0004f3${row.toString(16).padStart(6, '0')},VVX 450`);
        child.stdin!.write(`mac,model\n${rows.join('\n')}\n`);
        // It has begun when the server has seen rows; more may always follow.
        while (!readdirSync(join(test.home.path, 'run')).some((name) => name.startsWith('import-'))) await sleep(20);
      });
      assert.deepEqual([status, JSON.parse(stderr).error.code], [4, 'unauthenticated'], stderr);
      assert.ok(ms < 1_000, `took ${ms} ms`);
      assert.deepEqual(await Array.fromAsync(test.home.phonectl.devices.list({})), []);
    });
  });

  it('does not touch anybody else', async () => {
    const [key, other] = [await test.key(), await test.key()];
    const connection = remoteConnection({ server: test.server, ca: test.ca, key: other });
    const ticks = connection.stream('test.tick', undefined as never, {})[Symbol.asyncIterator]();
    await ticks.next();
    await test.home.phonectl.keys.revoke({ key: key.id });
    await sleep(700);
    assert.equal((await ticks.next()).done, false);
    await ticks.return?.();
    connection.close();
  });
});
