import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { type Caller, callStream, callValue, type Installation } from '../../src/sdk/door.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import { loadOperations } from '../../src/sdk/index.ts';
import { type LogVerdict, startOfWeek } from '../../src/sdk/logs/logs.ts';
import { pruneByRetention } from '../../src/sdk/logs/retention.ts';
import type { SqliteStore } from '../../src/store/store.ts';
import { makeHome, type TestHome } from '../support/home.ts';

describe('the operation log', () => {
  let home: TestHome;
  let installation: Installation;
  let now = Date.UTC(2026, 10, 18, 12);
  const owner: Caller = { actor: { kind: 'local', name: 'ada', source: 'local' }, scope: 'all', permissions: ['*'] };

  beforeEach(async () => {
    now = Date.UTC(2026, 10, 18, 12);
    home = await makeHome();
    installation = {
      ...(await openInstallation({ home: home.path })),
      clock: { now: () => now, monotonic: () => 0 },
      operations: loadOperations,
    };
    // What `init` wrote is of the real clock; these tests have one of their own.
    database().exec('DELETE FROM operation_log');
  });
  afterEach(async () => {
    await installation.store.close();
    await home.remove();
  });

  function database(): DatabaseSync {
    return (installation.store as SqliteStore).raw.writer;
  }
  async function call<T>(name: string, input: object, caller = owner): Promise<T> {
    const operation = (await loadOperations()).get(name)!;
    return (await callValue(installation, { name, operation, input, caller })) as T;
  }
  async function list<T = Record<string, unknown>>(name: string, input: object, caller = owner): Promise<T[]> {
    const operation = (await loadOperations()).get(name)!;
    return (await Array.fromAsync(callStream(installation, { name, operation, input, caller }))) as T[];
  }
  /** Writes `number` entries, an hour apart. */
  async function fill(number: number): Promise<void> {
    for (let index = 0; index < number; index += 1) {
      await call('role.addGroup', { name: `group ${index} ${now}` });
      now += 3_600_000;
    }
  }
  const verify = (anchor?: string) => call<LogVerdict>('log.verify', anchor === undefined ? {} : { anchor });

  it('LOG-01, LOG-03: says who did what, when, from where, with which result', async () => {
    const key: Caller = {
      actor: { kind: 'key', name: 'pk_x', source: '203.0.113.9' },
      scope: 'all',
      permissions: ['role:*'],
    };
    await call('role.addGroup', { name: 'Support' }, key);
    const [entry] = await list('log.list', {});
    assert.deepEqual(
      [entry!['at'], entry!['actor'], entry!['actorKind'], entry!['source'], entry!['operation'], entry!['object']],
      ['2026-11-18T12:00:00.000Z', 'pk_x', 'key', '203.0.113.9', 'role.addGroup', 'role-group:Support'],
    );
  });

  it('LOG-02: is searched by time, user, address, operation, object and result', async () => {
    await fill(3);
    const other: Caller = { ...owner, actor: { kind: 'user', name: 'bob@example.net', source: '10.0.0.1' } };
    await call('role.add', { name: '100%_sure', permissions: [], sites: 'all' }, other);
    const count = async (filter: object) => (await list('log.list', filter)).length;
    assert.equal(await count({}), 4);
    assert.equal(await count({ user: 'bob@example.net' }), 1);
    assert.equal(await count({ ip: '10.0.0.1' }), 1);
    assert.equal(await count({ operation: 'role.addGroup' }), 3);
    assert.equal(await count({ operation: 'role' }), 4);
    assert.equal(await count({ operation: 'r%' }), 0, 'no wildcard');
    assert.equal(await count({ object: '100%_SURE' }), 1);
    assert.equal(await count({ object: '%' }), 1, 'no wildcard');
    assert.equal(await count({ result: 'failed' }), 0);
    assert.equal(await count({ since: '2026-11-18T13:00:00Z', until: '2026-11-18T15:00:00Z' }), 2);
    assert.equal(await count({ limit: 2 }), 2);
  });

  it('LOG-05: any day of a week gives the file of that week, Monday to Sunday', async () => {
    assert.equal(new Date(startOfWeek(now)).toISOString(), '2026-11-16T00:00:00.000Z');
    for (let day = 16; day <= 22; day += 1) {
      assert.equal(startOfWeek(Date.UTC(2026, 10, day, 23, 59)), Date.UTC(2026, 10, 16), `${day} November`);
    }
    now = Date.UTC(2026, 10, 15, 23, 59, 59);
    await fill(1);
    now = Date.UTC(2026, 10, 16);
    await fill(2);
    now = Date.UTC(2026, 10, 23);
    await fill(1);
    const lines = await list<string>('log.download', { weekOf: '2026-11-19' });
    const entries = lines.map((line) => JSON.parse(line) as { at: string });
    assert.deepEqual(
      entries.map(({ at }) => at),
      ['2026-11-16T00:00:00.000Z', '2026-11-16T01:00:00.000Z'],
    );
    assert.ok(lines.every((line) => line.endsWith('\n')));
  });

  it('F-16: is unbroken as it was written, and names an anchor', async () => {
    await fill(5);
    const verdict = await verify();
    assert.deepEqual([verdict.intact, verdict.entries, verdict.problems], [true, 5, []]);
    assert.match(verdict.anchor!, /^\d+:[0-9a-f]{64}$/);
    await fill(2);
    assert.deepEqual((await verify(verdict.anchor!)).anchored, true);
  });

  it('F-16: shows every entry that was changed, in any field', async () => {
    await fill(6);
    const fields = ['at', 'operation', 'object', 'result', 'actor', 'actor_kind', 'source', 'details', 'hash'];
    for (const field of fields) {
      database().exec('SAVEPOINT tamper');
      const change = field === 'at' ? 'at = at + 1' : `${field} = ${field} || ' '`;
      database().exec(`UPDATE operation_log SET ${change} WHERE id = 3`);
      database().exec('RELEASE tamper');
      const verdict = await verify();
      assert.ok(
        verdict.problems.some(({ id }) => id === 3),
        field,
      );
      const back = field === 'at' ? 'at = at - 1' : `${field} = substr(${field}, 1, length(${field}) - 1)`;
      database().exec(`UPDATE operation_log SET ${back} WHERE id = 3`);
      assert.equal((await verify()).intact, true, `${field} put back`);
    }
  });

  it('F-16: shows what was removed, inserted or moved', async () => {
    await fill(6);
    const tampered = async (...statements: string[]) => {
      database().exec('CREATE TEMP TABLE kept AS SELECT * FROM operation_log');
      for (const statement of statements) database().exec(statement);
      const verdict = await verify();
      database().exec('DELETE FROM operation_log; INSERT INTO operation_log SELECT * FROM kept; DROP TABLE kept');
      return verdict;
    };
    const removed = await tampered('DELETE FROM operation_log WHERE id = 3');
    assert.ok(removed.problems.some(({ problem }) => problem === 'missing'));
    const first = await tampered('DELETE FROM operation_log WHERE id = 1');
    assert.equal(first.intact, false);
    const hidden = await tampered(
      'DELETE FROM operation_log WHERE id = 3',
      'UPDATE operation_log SET id = id - 1 WHERE id > 3',
    );
    assert.equal(hidden.intact, false, 'with the numbers closed up');
    const moved = await tampered(
      'UPDATE operation_log SET id = 99 WHERE id = 2',
      'UPDATE operation_log SET id = 2 WHERE id = 3',
      'UPDATE operation_log SET id = 3 WHERE id = 99',
    );
    assert.equal(moved.intact, false);
    assert.equal((await verify()).intact, true);
  });

  it('F-16: a tail that was cut, and an older copy, show against an anchor, and only against one', async () => {
    await fill(6);
    const { anchor } = await verify();
    database().exec('DELETE FROM operation_log WHERE id > 4');
    assert.equal((await verify()).intact, true, 'plainly: without an anchor it cannot be seen');
    const cut = await verify(anchor!);
    assert.deepEqual([cut.intact, cut.problems[0]?.problem], [false, 'cut']);
    // Written on after the cut: the number is there again, the entry is another.
    await fill(3);
    assert.equal((await verify()).intact, true);
    const replaced = await verify(anchor!);
    assert.deepEqual([replaced.intact, replaced.anchored, replaced.problems[0]?.problem], [false, false, 'replaced']);
    await assert.rejects(verify('nonsense'), { code: 'invalid_input' });
  });

  it('is shortened by whole weeks, and the chain goes on behind them', async () => {
    now = Date.UTC(2026, 8, 1);
    await fill(4);
    const { anchor: early } = await verify();
    now = Date.UTC(2026, 10, 18);
    await fill(2);
    await assert.rejects(call('log.prune', { weeks: 3 }), { code: 'invalid_input' });
    const plan = await call<{ removed: number }>('log.prune', { weeks: 4, dryRun: true });
    assert.equal(plan.removed, 4);
    assert.equal((await list('log.list', {})).length, 6);
    const pruned = await call<{ removed: number; anchor: string }>('log.prune', { weeks: 4 });
    assert.equal(pruned.removed, 4);
    const verdict = await verify();
    assert.deepEqual([verdict.intact, verdict.entries, verdict.since], [true, 3, 5]);
    assert.equal((await verify(pruned.anchor)).anchored, true);
    assert.equal((await verify(early!)).anchored, true, 'the anchor is the entry behind which the chain goes on');
    database().exec('DELETE FROM operation_log WHERE id = 5');
    assert.equal((await verify()).intact, false);
  });

  it('LOG-05: is kept for ever, or for as many weeks as was said, of which serve takes care', async () => {
    const week = 7 * 86_400_000;
    await fill(5);
    now += 6 * week;
    await fill(2);
    assert.deepEqual(await call('log.retention', {}), { weeks: null });
    assert.equal(await pruneByRetention(installation), undefined);
    await call('log.keep', { weeks: 4, dryRun: true });
    assert.deepEqual(await call('log.retention', {}), { weeks: null });
    await assert.rejects(call('log.keep', { weeks: 3 }), { code: 'invalid_input' });
    await call('log.keep', { weeks: 4 });
    assert.equal((await pruneByRetention(installation))?.removed, 5);
    assert.equal(await pruneByRetention(installation), undefined, 'once');
    const [newest] = await list('log.list', { limit: 1 });
    assert.deepEqual([newest?.['operation'], newest?.['actorKind']], ['log.prune', 'system']);
    assert.equal((await verify()).intact, true);
    await call('log.keep', { weeks: null });
    now += 60 * week;
    assert.equal(await pruneByRetention(installation), undefined);
  });

  it('is never shortened to nothing: the next entry is chained to the newest one', async () => {
    await fill(3);
    now += 100 * 86_400_000;
    assert.equal((await call<{ removed: number }>('log.prune', { weeks: 4 })).removed, 2);
    await fill(1);
    const verdict = await verify();
    assert.deepEqual([verdict.intact, verdict.entries], [true, 3]);
  });
});
