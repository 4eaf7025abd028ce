import assert from 'node:assert/strict';
import type { NewTarget, Strategy } from '../../src/sdk/ports/tasks.ts';
import { runTask } from '../../src/tasks/runner.ts';
import { wavesOf } from '../../src/tasks/strategy.ts';
import { type Behaviour, CLOCK, QUICK, ScriptedPhones, STRATEGY, type TaskFixture, taskFixture } from './support.ts';

const never = new AbortController().signal;
const REFUSED = { outcome: 'refused', reason: 'wrong password' } as const;
const BUSY = { outcome: 'busy', reason: 'in a call', retryAfter: 5 } as const;

describe('tasks: strategies at work', () => {
  let fixture: TaskFixture;
  afterEach(() => fixture.close());

  async function run(phones: ScriptedPhones, strategy: Strategy, targets: readonly NewTarget[]) {
    const { runId } = await fixture.makeTask(strategy, [], targets);
    const options = { runId, strategy, action: phones, store: fixture.store, clock: CLOCK, pace: QUICK };
    const { end } = await runTask({ ...options, signal: never });
    return { runId, end, task: (await fixture.store.read.tasks.list())[0] };
  }

  const target = (deviceId: number, over: Partial<NewTarget> = {}): NewTarget => ({
    deviceId,
    wave: 1,
    source: null,
    zone: null,
    ...over,
  });

  const script =
    (fails: (id: number) => boolean) =>
    (id: number): Behaviour =>
      fails(id) ? [REFUSED] : ['boots'];

  it('a wave begins when the one before is over, after the pause between', async () => {
    fixture = await taskFixture(12);
    const phones = new ScriptedPhones(fixture, () => ['boots']);
    const targets = fixture.deviceIds.map((id) => target(id, { wave: id <= 2 ? 0 : id <= 7 ? 1 : 2 }));
    const started = performance.now();
    const { end, runId } = await run(phones, { ...STRATEGY, canary: 2, batch: 5, pauseBetween: 200 }, targets);
    assert.equal(end, 'done');
    assert.deepEqual(new Set(phones.sent.slice(0, 2)), new Set([1, 2]));
    assert.deepEqual(new Set(phones.sent.slice(2, 7)), new Set([3, 4, 5, 6, 7]));
    assert.ok(performance.now() - started > 400, 'two pauses');
    const waves = await fixture.store.read.tasks.waves(runId);
    assert.deepEqual(
      waves.map(({ wave, total, success }) => [wave, total, success]),
      [
        [0, 2, 2],
        [1, 5, 5],
        [2, 5, 5],
      ],
    );
  });

  it('a canary that dies stops the rest, and the run says why', async () => {
    fixture = await taskFixture(30);
    const phones = new ScriptedPhones(
      fixture,
      script((id) => id === 2),
    );
    const targets = fixture.deviceIds.map((id) => target(id, { wave: id <= 2 ? 0 : 1 }));
    const { end, task } = await run(phones, { ...STRATEGY, canary: 2 }, targets);
    assert.equal(end, 'halted');
    assert.equal(task?.reason, '1 of 2 phones of the canary failed.');
    assert.equal(phones.sent.length, 2);
  });

  it('F-23: the limit holds over all runners of a run', async () => {
    fixture = await taskFixture(200);
    const phones = new ScriptedPhones(fixture, () => [REFUSED]);
    const strategy: Strategy = { ...STRATEGY, concurrency: 50, maxFailures: 10 };
    const { runId } = await fixture.makeTask(strategy);
    const runner = { runId, strategy, action: phones, store: fixture.store, clock: CLOCK, pace: QUICK, signal: never };
    await Promise.all([runTask(runner), runTask(runner), runTask(runner)]);
    assert.equal(phones.sent.length, 11);
  });

  it('F-23: a campaign that kills 30 % of 10,000 phones is halted before 6 % of them are touched', async function () {
    this.timeout(20_000);
    fixture = await taskFixture(10_000);
    const phones = new ScriptedPhones(
      fixture,
      script((id) => id % 10 < 3),
    );
    const devices = fixture.deviceIds.map(() => ({ model: 'VVX 450', siteId: 1 }));
    const waves = wavesOf(devices, { canary: '1%' });
    assert.equal(waves.filter((wave) => wave === 0).length, 100);
    const targets = fixture.deviceIds.map((id, index) => target(id, { wave: waves[index] ?? 1 }));
    const strategy: Strategy = { ...STRATEGY, concurrency: 500, maxFailures: '5%', canary: '1%' };
    const { runId, end, task } = await run(phones, strategy, targets);
    assert.equal(end, 'halted');
    assert.ok(phones.sent.length < 600, `${phones.sent.length} phones were touched`);
    const touched = phones.sent.length;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.equal(phones.sent.length, touched);
    // Without a canary the sample and the cap on what is in flight hold it as well.
    const bare = new ScriptedPhones(
      fixture,
      script((id) => id % 10 < 3),
    );
    await run(
      bare,
      { ...strategy, canary: undefined as never },
      targets.map((each) => ({ ...each, wave: 1 })),
    );
    assert.ok(bare.sent.length < 600, `${bare.sent.length} phones were touched`);
    // Whoever goes on finds the failures counted.
    await fixture.store.transaction(({ tasks }) => tasks.setRunState(runId, 'executing', Date.now()));
    const options = { runId, strategy, action: phones, store: fixture.store, clock: CLOCK, pace: QUICK, signal: never };
    assert.equal((await runTask(options)).end, 'halted');
    assert.equal(phones.sent.length, touched);
    assert.ok((task?.counters.failure ?? 0) > 0);
  });

  it('phones behind one slow line do not hold up the others', async () => {
    fixture = await taskFixture(60);
    const at = new Map<number, number>();
    class Timed extends ScriptedPhones {
      override async attempt(deviceId: number) {
        at.set(deviceId, performance.now());
        return super.attempt(deviceId);
      }
    }
    const phones = new Timed(fixture, () => ['boots']);
    // The first twenty share a line with four starts a second; they stand first in the queue.
    const targets = fixture.deviceIds.map((id) =>
      target(id, { source: id <= 20 ? '203.0.113.7' : `198.51.100.${id}` }),
    );
    const strategy = { ...STRATEGY, concurrency: 60, ratePerSource: 10 };
    await run(phones, strategy, targets);
    const times = fixture.deviceIds.map((id) => at.get(id) ?? 0);
    const first = Math.min(...times);
    assert.ok(Math.max(...times.slice(20)) - first < 1000, 'the others go at once');
    assert.ok(Math.max(...times.slice(0, 20)) - first > 1500, 'twenty at ten a second');
  });

  it('begins only where the window is open, in the time zone of the site', async () => {
    fixture = await taskFixture(4);
    const phones = new ScriptedPhones(fixture, () => ['boots']);
    // It is 23:30 in Berlin and 17:30 in New York.
    const base = Date.parse('2026-11-22T22:30:00Z');
    const real = Date.now();
    const clock = { now: () => base + (Date.now() - real) };
    const zones = ['Europe/Berlin', 'America/New_York', 'Europe/Berlin', 'America/New_York'];
    const targets = fixture.deviceIds.map((id, index) => target(id, { zone: zones[index] ?? null }));
    const strategy = { ...STRATEGY, window: '22:00-05:00' };
    const { runId } = await fixture.makeTask(strategy, [], targets);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 700);
    const { end } = await runTask({
      runId,
      strategy,
      action: phones,
      store: fixture.store,
      clock,
      pace: QUICK,
      signal: stop.signal,
    });
    assert.equal(end, 'stopped');
    assert.deepEqual(phones.sent.sort(), [1, 3]);
  });

  it('waits for a phone in a call when told to, and leaves it out when not', async () => {
    fixture = await taskFixture(1);
    const calls: Behaviour = [BUSY, BUSY, BUSY, BUSY, BUSY, 'boots'];
    const left = await run(new ScriptedPhones(fixture, () => calls), STRATEGY, [target(1)]);
    assert.equal(left.task?.counters.skipped, 1);
    const waited = await run(new ScriptedPhones(fixture, () => calls), { ...STRATEGY, whenIdle: true }, [target(1)]);
    assert.equal(waited.task?.counters.success, 1);
    const [result] = await fixture.store.read.tasks.targets(waited.runId);
    assert.equal(result?.attempts, 1, 'waiting is no try');
  });

  it('poison: hanging phones hold no place for longer than twice the others, and delay them by a tenth (F-24)', async function () {
    this.timeout(20_000);
    fixture = await taskFixture(400);
    const targets = fixture.deviceIds.map((id) => target(id));
    const strategy = { ...STRATEGY, concurrency: 20, timeout: 4000 };
    /** Milliseconds until the last healthy phone was done, and phones in flight at the same time. */
    async function time(hangs: (id: number) => boolean): Promise<{ milliseconds: number; most: number }> {
      const phones = new ScriptedPhones(fixture, (id) => (hangs(id) ? ['ignores'] : ['boots']));
      const stop = new AbortController();
      const { runId } = await fixture.makeTask(strategy, [], targets);
      let done = 0;
      const healthy = targets.filter(({ deviceId }) => !hangs(deviceId)).length;
      let most = 0;
      const flying = new Set<number>();
      const started = performance.now();
      let milliseconds = 0;
      const options = { runId, strategy, action: phones, store: fixture.store, clock: CLOCK, pace: QUICK };
      await runTask({
        ...options,
        signal: stop.signal,
        abandon: stop.signal,
        onEvent({ deviceId, state }) {
          if (state === 'running') flying.add(deviceId);
          else flying.delete(deviceId);
          most = Math.max(most, flying.size);
          if (state === 'success') done += 1;
          if (done < healthy) return;
          milliseconds ||= performance.now() - started;
          // Nobody needs to see how long the others are waited for.
          stop.abort();
        },
      });
      return { milliseconds, most };
    }
    const well = await time(() => false);
    const sick = await time((id) => id % 20 === 0);
    assert.ok(
      sick.milliseconds < well.milliseconds * 1.1 + 300,
      `${well.milliseconds} ms, with twenty that hang ${sick.milliseconds} ms`,
    );
    assert.ok(well.most <= 40, `${well.most} at the same time`);
    assert.ok(sick.most <= 40, `${sick.most} at the same time`);
  });

  it('pausing stops what is being run elsewhere, and nothing overwrites who did it', async () => {
    fixture = await taskFixture(40);
    const phones = new ScriptedPhones(fixture, () => ['boots']);
    const strategy = { ...STRATEGY, concurrency: 2 };
    const { runId } = await fixture.makeTask(strategy);
    const running = runTask({
      runId,
      strategy,
      action: phones,
      store: fixture.store,
      clock: CLOCK,
      pace: QUICK,
      signal: never,
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
    await fixture.store.transaction(({ tasks }) => tasks.setRunState(runId, 'paused', Date.now(), 'Paused by anna.'));
    const before = phones.sent.length;
    assert.equal((await running).end, 'stopped');
    assert.ok(phones.sent.length <= before + 2);
    const [task] = await fixture.store.read.tasks.list();
    assert.deepEqual([task?.state, task?.reason], ['paused', 'Paused by anna.']);
  });
});
