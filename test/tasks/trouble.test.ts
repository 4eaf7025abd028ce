import assert from 'node:assert/strict';
import { openDatabase } from '../../src/store/sqlite.ts';
import { openStore } from '../../src/store/store.ts';
import type { RunOutcome } from '../../src/tasks/action.ts';
import { runTask } from '../../src/tasks/runner.ts';
import { CLOCK, IMPATIENT, QUICK, ScriptedPhones, STRATEGY, type TaskFixture, taskFixture } from './support.ts';

const YEARS = 2 * 365 * 86_400_000;

describe('tasks: a store that fails, a clock that jumps', () => {
  let fixture: TaskFixture;
  afterEach(() => fixture.close());

  function run(phones: ScriptedPhones, runId: number, store = fixture.store, clock = CLOCK): Promise<RunOutcome> {
    const options = { runId, strategy: STRATEGY, action: phones, clock, pace: QUICK };
    return runTask({ ...options, store, signal: new AbortController().signal });
  }

  async function allOnce(phones: ScriptedPhones, runId: number): Promise<void> {
    assert.deepEqual(new Set(Object.values(await fixture.states(runId))), new Set(['success']));
    assert.deepEqual(
      phones.sent.toSorted((a, b) => a - b),
      fixture.deviceIds,
    );
  }

  it('a store that is locked for too long ends the runner; the next one repeats nothing', async () => {
    fixture = await taskFixture(30);
    const phones = new ScriptedPhones(fixture, () => ['boots']);
    const { runId } = await fixture.makeTask();
    // 200 ms stand for the ten seconds that a process waits.
    const impatient = openStore({ path: fixture.path, lockTimeout: 200 });
    const other = openDatabase({ path: fixture.path, lockTimeout: 5000 });
    const running = run(phones, runId, impatient);
    const failed = assert.rejects(running, { code: 'locked' });
    while (phones.sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    other.exec('BEGIN IMMEDIATE');
    await failed;
    other.exec('COMMIT');
    other.close();
    await impatient.close();
    const begun = phones.sent.length;
    assert.ok(begun > 0 && begun < 30, `${begun} were begun`);
    await run(phones, runId);
    await allOnce(phones, runId);
  });

  it('a full disk ends the runner; what was acknowledged is there, and the rest goes on later', async () => {
    fixture = await taskFixture(300);
    const phones = new ScriptedPhones(fixture, () => ['boots']);
    const { runId } = await fixture.makeTask();
    const full = openStore({ path: fixture.path });
    // No page more than there are: the first row that grows has no place.
    full.raw.writer.exec('PRAGMA max_page_count = 1');
    await assert.rejects(run(phones, runId, full), { code: 'disk_full' });
    await full.close();
    const counters = (await fixture.store.read.tasks.progress(runId, Date.now())).counters;
    const states = Object.values(await fixture.states(runId));
    assert.equal(counters.success, states.filter((state) => state === 'success').length);
    await run(phones, runId);
    await allOnce(phones, runId);
  });

  it('F-22: leases of a clock that was two years ahead hold nothing up, and nothing is repeated', async () => {
    fixture = await taskFixture(10);
    const phones = new ScriptedPhones(fixture, () => ['boots']);
    const { runId } = await fixture.makeTask();
    // A runner took its phones by the wrong clock, had sent nothing, and died.
    const now = Date.now() + YEARS;
    await fixture.store.transaction(({ tasks }) =>
      tasks.claim(runId, { owner: 'dead', now, until: now + 20_000 }, 5, fixture.deviceIds),
    );
    await run(phones, runId);
    await allOnce(phones, runId);
  });

  it('F-22: a clock that jumps while a run goes on changes no result', async () => {
    fixture = await taskFixture(40);
    for (const jump of [YEARS, -YEARS]) {
      const phones = new ScriptedPhones(fixture, () => ['boots']);
      const { runId } = await fixture.makeTask();
      const clock = { now: () => Date.now() + (phones.sent.length > 12 ? jump : 0) };
      await run(phones, runId, fixture.store, clock);
      await allOnce(phones, runId);
    }
  });

  it('what phones did before the command, and what could be written only after it, proves nothing', async () => {
    fixture = await taskFixture(2);
    const { store } = fixture;
    const { runId } = await fixture.makeTask();
    const phones = new ScriptedPhones(fixture, () => ['ignores']);
    phones.onSent = () => {
      const [before, after] = [Date.now() - 60_000, Date.now() + 1000];
      const boot = { kind: 'boot' as const, address: null, detail: { kept: true } };
      void store.transaction(async ({ evidence }) => {
        await evidence.append([
          { ...boot, deviceId: 1, at: before },
          { ...boot, deviceId: 2, at: after },
        ]);
      });
    };
    await runTask({
      ...{ runId, store, action: phones, clock: CLOCK, pace: QUICK, signal: new AbortController().signal },
      strategy: IMPATIENT,
    });
    assert.deepEqual(await fixture.states(runId), { 1: 'failure', 2: 'success' });
  });
});
