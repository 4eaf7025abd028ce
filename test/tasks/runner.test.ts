import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FINAL_STATES, type Strategy } from '../../src/sdk/ports/tasks.ts';
import type { TaskAction } from '../../src/tasks/action.ts';
import { runTask } from '../../src/tasks/runner.ts';
import {
  type Behaviour,
  CLOCK,
  IMPATIENT,
  QUICK,
  ScriptedPhones,
  STRATEGY,
  type TaskFixture,
  taskFixture,
} from './support.ts';

const never = new AbortController().signal;

const UNREACHABLE = { outcome: 'unreachable', reason: 'switched off', sent: false } as const;
const BUSY = { outcome: 'busy', reason: 'in a call', retryAfter: 5 } as const;
const REFUSED = { outcome: 'refused', reason: 'wrong password' } as const;
const NOT_APPLICABLE = { outcome: 'not-applicable', reason: 'no such interface' } as const;

const NOTHING_CAME = { done: false, final: true, seen: 'it has been up for 9 d' } as const;

/** The first outcome that ends it decides; busy and unreachable ones before it are retried. */
function decidingOf(script: readonly Behaviour[number][]): Behaviour[number] | undefined {
  const tries = Array.from({ length: 3 }, (_, index) => script[Math.min(index, script.length - 1)]);
  return tries.find((each) => each !== UNREACHABLE && each !== BUSY) ?? tries[2];
}

function ignored(script: readonly Behaviour[number][]): boolean {
  return decidingOf(script) === 'ignores';
}

describe('tasks: the engine', () => {
  let fixture: TaskFixture;
  afterEach(() => fixture.close());

  async function run(
    phones: TaskAction,
    options: { strategy?: Strategy; signal?: AbortSignal; runId?: number } = {},
  ): Promise<{ runId: number; end: string }> {
    const strategy = options.strategy ?? STRATEGY;
    const runId = options.runId ?? (await fixture.makeTask(strategy)).runId;
    const { end } = await runTask({
      runId,
      strategy,
      action: phones,
      store: fixture.store,
      clock: CLOCK,
      signal: options.signal ?? never,
      pace: QUICK,
    });
    return { runId, end };
  }

  async function only(runId: number) {
    const [target] = await fixture.store.read.tasks.targets(runId);
    assert.ok(target);
    return target;
  }

  it('DEV-46: success is boot evidence above the mark, not the answer to the command', async () => {
    fixture = await taskFixture(2);
    await fixture.evidence(2);
    const phones = new ScriptedPhones(fixture, (id) => (id === 1 ? ['boots-at-once'] : ['ignores']));
    const { runId, end } = await run(phones, { strategy: IMPATIENT });
    assert.equal(end, 'done');
    assert.deepEqual(await fixture.states(runId), { 1: 'success', 2: 'failure' });
    const [good, bad] = await fixture.store.read.tasks.targets(runId);
    assert.match(good?.evidence ?? '', /^booted/);
    assert.equal(good?.via, 'rest');
    assert.equal(bad?.code, 'unconfirmed');
    assert.match(bad?.reason ?? '', /took the command over rest, but was not seen to do it/);
    assert.deepEqual(phones.sent.sort(), [1, 2]);
    const task = await fixture.store.read.tasks.list();
    assert.equal(task[0]?.state, 'done');
  });

  it('believes the phone itself where no server saw it', async () => {
    fixture = await taskFixture(1);
    const phones = new ScriptedPhones(
      fixture,
      () => ['ignores'],
      (_, elapsed) =>
        elapsed < 80 ? { done: undefined, seen: 'it does not answer' } : { done: true, evidence: 'up for 1 s' },
    );
    const { runId } = await run(phones);
    assert.equal((await only(runId)).evidence, 'up for 1 s');
  });

  it('says what was seen of a phone that did not do it', async () => {
    fixture = await taskFixture(1);
    const phones = new ScriptedPhones(
      fixture,
      () => ['ignores'],
      () => ({ done: false, seen: 'it has been up for 9 d' }),
    );
    const { runId } = await run(phones, { strategy: IMPATIENT });
    assert.match((await only(runId)).reason ?? '', /: it has been up for 9 d\.$/);
    assert.equal(phones.sent.length, 1);
  });

  it('tries an unreachable phone again, then says so; a refusal is final at once', async () => {
    fixture = await taskFixture(4);
    const scripts: Behaviour[] = [[UNREACHABLE, UNREACHABLE, 'boots'], [UNREACHABLE], [REFUSED], [NOT_APPLICABLE]];
    const phones = new ScriptedPhones(fixture, (id) => scripts[id - 1] ?? []);
    const { runId } = await run(phones);
    const targets = await fixture.store.read.tasks.targets(runId);
    assert.deepEqual(
      targets.map(({ state, code, attempts, reason }) => [state, code, attempts, reason]),
      [
        ['success', null, 3, null],
        ['failure', 'unreachable', 3, 'switched off'],
        ['failure', 'refused', 1, 'wrong password'],
        ['not-applicable', 'unsupported', 1, 'no such interface'],
      ],
    );
  });

  it('leaves a phone in a call alone after the last try', async () => {
    fixture = await taskFixture(2);
    const phones = new ScriptedPhones(fixture, (id) => (id === 1 ? [BUSY, 'boots'] : [BUSY]));
    const { runId } = await run(phones);
    assert.deepEqual(await fixture.states(runId), { 1: 'success', 2: 'skipped' });
  });

  it('does not repeat a command that may have arrived', async () => {
    fixture = await taskFixture(2);
    const lost = { outcome: 'unreachable', reason: 'no answer', sent: true } as const;
    const phones = new ScriptedPhones(fixture, (id) => (id === 1 ? ['boots-silently'] : [lost]));
    const { runId } = await run(phones, { strategy: IMPATIENT });
    assert.deepEqual(await fixture.states(runId), { 1: 'success', 2: 'failure' });
    assert.deepEqual(phones.sent.sort(), [1, 2]);
  });

  it('keeps to the concurrency, and to the rate', async () => {
    fixture = await taskFixture(30);
    const phones = new ScriptedPhones(fixture, () => ['boots']);
    await run(phones, { strategy: { ...STRATEGY, concurrency: 4 } });
    assert.equal(phones.mostInFlight, 4);
    const paced = new ScriptedPhones(fixture, () => ['boots']);
    const started = performance.now();
    await run(paced, { strategy: { ...STRATEGY, concurrency: 30, rate: 50 } });
    assert.ok(performance.now() - started > 500, 'thirty phones at fifty a second take more than half a second');
  });

  it('halts when too many have failed, and begins no more than the limit allows', async () => {
    fixture = await taskFixture(60);
    const phones = new ScriptedPhones(fixture, () => [REFUSED]);
    const { runId, end } = await run(phones, { strategy: { ...STRATEGY, maxFailures: '5%' } });
    assert.equal(end, 'halted');
    assert.equal(phones.sent.length, 4);
    const [task] = await fixture.store.read.tasks.list();
    assert.equal(task?.state, 'halted');
    assert.equal(task?.reason, '4 of 60 failed: more than 5%.');
    assert.equal(task?.counters.inProgress, 56);
    assert.equal(runId, task?.runId);
  });

  it('stops starting when it is told to, finishes what is in flight, and goes on later', async () => {
    fixture = await taskFixture(20);
    const stop = new AbortController();
    const phones = new ScriptedPhones(fixture, () => ['boots']);
    const strategy = { ...STRATEGY, concurrency: 5 };
    const { runId } = await fixture.makeTask(strategy);
    phones.onSent = () => stop.abort();
    const { end } = await run(phones, { strategy, runId, signal: stop.signal });
    assert.equal(end, 'stopped');
    const states = Object.values(await fixture.states(runId));
    assert.ok(states.includes('pending'));
    assert.ok(states.every((state) => state === 'pending' || state === 'success'));
    assert.equal((await fixture.store.read.tasks.list())[0]?.state, 'paused');
    const later = Date.now() + 1_000_000;
    assert.deepEqual(await fixture.store.read.tasks.orphaned(later), [], 'no server goes on with it');
    await fixture.store.transaction(({ tasks }) => tasks.setRunState(runId, 'executing', Date.now()));
    assert.equal((await run(phones, { strategy, runId })).end, 'done');
    assert.deepEqual(
      [...phones.sent].sort((a, b) => a - b),
      fixture.deviceIds,
    );
  });

  it('lets several runners share a run, and none do the same phone twice', async () => {
    fixture = await taskFixture(60);
    const phones = new ScriptedPhones(fixture, () => ['boots']);
    const { runId } = await fixture.makeTask();
    await Promise.all([1, 2, 3].map(() => run(phones, { runId })));
    assert.deepEqual(
      [...phones.sent].sort((a, b) => a - b),
      fixture.deviceIds,
    );
    assert.ok(Object.values(await fixture.states(runId)).every((state) => state === 'success'));
  });

  it('never works on a phone for two tasks at once', async () => {
    fixture = await taskFixture(6);
    let most = 0;
    const now = new Map<number, number>();
    class Watching extends ScriptedPhones {
      override async attempt(deviceId: number) {
        now.set(deviceId, (now.get(deviceId) ?? 0) + 1);
        most = Math.max(most, now.get(deviceId) ?? 0);
        const outcome = await super.attempt(deviceId);
        now.set(deviceId, (now.get(deviceId) ?? 0) - 1);
        return outcome;
      }
    }
    const phones = new Watching(fixture, () => ['boots']);
    const runs = await Promise.all([1, 2, 3].map(() => run(phones)));
    assert.equal(most, 1);
    assert.equal(phones.sent.length, 18);
    for (const { runId } of runs) {
      assert.ok(Object.values(await fixture.states(runId)).every((state) => state === 'success'));
    }
  });

  it('abandons what is in flight at once when told to, and the next runner needs not wait for the lease', async () => {
    fixture = await taskFixture(3);
    const abandon = new AbortController();
    const phones = new ScriptedPhones(fixture, () => ['ignores']);
    const strategy = { ...STRATEGY, timeout: 60_000 };
    const { runId } = await fixture.makeTask(strategy);
    const runner = { runId, strategy, store: fixture.store, clock: CLOCK, pace: { ...QUICK, lease: 60_000 } };
    setTimeout(() => abandon.abort(), 50);
    const started = performance.now();
    const { end } = await runTask({ ...runner, action: phones, signal: abandon.signal, abandon: abandon.signal });
    assert.equal(end, 'stopped');
    assert.ok(performance.now() - started < 2000);
    assert.deepEqual(await fixture.states(runId), { 1: 'running', 2: 'running', 3: 'running' });
    assert.equal((await fixture.store.read.tasks.orphaned(Date.now() + 1)).length, 1);
    for (const id of fixture.deviceIds) await fixture.evidence(id);
    await new Promise((resolve) => setTimeout(resolve, 2));
    assert.equal((await runTask({ ...runner, action: phones, signal: never })).end, 'done');
    assert.deepEqual(await fixture.states(runId), { 1: 'success', 2: 'success', 3: 'success' });
    assert.equal(phones.sent.length, 3);
  });

  it('F-20: what a runner knew of a phone is known to whoever takes over: that it took the command, and is silent', async () => {
    fixture = await taskFixture(2);
    const known = new Map<number, unknown>();
    const abandon = new AbortController();
    const { runId } = await fixture.makeTask();
    const phones: TaskAction = {
      repeatable: false,
      attempt: async (deviceId) =>
        deviceId === 1
          ? { outcome: 'accepted', via: 'rest' }
          : { outcome: 'unreachable', reason: 'no answer', sent: true },
      proof: () => undefined,
      recall: async (deviceId, what) => void known.set(deviceId, what),
      probe: async (deviceId) =>
        known.has(deviceId)
          ? { done: true, evidence: 'back again' }
          : { done: undefined, seen: 'it does not answer', silent: deviceId === 1 },
    };
    const runner = { runId, strategy: STRATEGY, action: phones, store: fixture.store, clock: CLOCK, pace: QUICK };
    const first = runTask({ ...runner, signal: abandon.signal, abandon: abandon.signal });
    const code = async () => (await fixture.store.read.tasks.targets(runId))[0]?.code;
    for (let look = 0; (await code()) !== 'silent'; look += 1) {
      assert.ok(look < 1000, 'its silence is not noted');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const [target] = await fixture.store.read.tasks.targets(runId);
    assert.deepEqual([target?.state, target?.reason], ['running', 'It took the command and has stopped answering.']);
    abandon.abort();
    await first;
    await new Promise((resolve) => setTimeout(resolve, 2));
    await runTask({ ...runner, signal: never });
    assert.deepEqual(
      [known.get(1), known.get(2)],
      [
        { accepted: true, silent: true },
        { accepted: false, silent: false },
      ],
    );
    assert.deepEqual(await fixture.states(runId), { 1: 'success', 2: 'success' });
  });

  it('F-20: a runner that was asleep for longer than its lease does not take its own phones a second time', async () => {
    fixture = await taskFixture(4);
    const { store, deviceIds } = fixture;
    const { runId } = await fixture.makeTask();
    // Somebody died between the note and the sending: the phones say that nothing came.
    const now = Date.now();
    await store.transaction(async ({ tasks }) => {
      const taken = await tasks.claim(runId, { owner: 'dead', now, until: now }, 4, deviceIds);
      const noted = taken.map((target) => ({ ...target, state: 'running' as const, mark: 0, sentAt: now, at: now }));
      await tasks.record(runId, 'dead', noted);
    });
    const phones = new ScriptedPhones(
      fixture,
      () => ['boots-at-once'],
      () => ({ done: false, seen: 'it has been up for 9 d' }),
    );
    const options = { runId, owner: 'sleeper', strategy: IMPATIENT, action: phones, store, clock: CLOCK };
    const running = runTask({ ...options, pace: { ...QUICK, lease: 60_000 }, signal: never });
    while (phones.sent.length === 0) {
      await store.transaction(({ tasks }) => tasks.expire(['sleeper']));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await running;
    assert.deepEqual(
      phones.sent.toSorted((a, b) => a - b),
      deviceIds,
    );
  });

  it('keeps a run in hand while it works on it, and gives it back', async () => {
    fixture = await taskFixture(2);
    const { runId } = await fixture.makeTask();
    assert.equal((await fixture.store.read.tasks.orphaned(Date.now())).length, 1);
    const working = run(new ScriptedPhones(fixture, () => ['ignores']), { runId, strategy: IMPATIENT });
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal((await fixture.store.read.tasks.orphaned(Date.now())).length, 0);
    await working;
    assert.equal((await fixture.store.read.tasks.orphaned(Date.now())).length, 0);
  });

  it('passes on what is broken, and leaves the target to be taken over', async () => {
    fixture = await taskFixture(1);
    const broken: TaskAction = {
      repeatable: false,
      attempt: () => Promise.reject(new Error('a defect')),
      proof: () => undefined,
    };
    const { runId } = await fixture.makeTask();
    await assert.rejects(run(broken, { runId }), /a defect/);
    assert.deepEqual(await fixture.states(runId), { 1: 'running' });
  });

  it('ends every target in one final state, and says success only of phones that booted (property)', async function () {
    this.timeout(30_000);
    const behaviours: Behaviour = [UNREACHABLE, BUSY, REFUSED, NOT_APPLICABLE, 'boots', 'boots-silently', 'ignores'];
    const behaviour = fc.constantFrom(...behaviours);
    const scripts = fc.array(fc.array(behaviour, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(scripts, fc.integer({ min: 1, max: 6 }), async (all, concurrency) => {
        fixture = await taskFixture(all.length);
        try {
          // A phone that ignores the command says so itself: nothing here ends by its time.
          const phones = new ScriptedPhones(
            fixture,
            (id) => all[id - 1] ?? [],
            (id) => (ignored(all[id - 1] ?? []) ? NOTHING_CAME : { done: undefined, seen: 'it does not answer' }),
          );
          const strategy = { ...STRATEGY, concurrency };
          const { runId } = await run(phones, { strategy });
          for (const target of await fixture.store.read.tasks.targets(runId)) {
            const deciding = decidingOf(all[target.deviceId - 1] ?? []);
            const expected =
              deciding === 'boots' || deciding === 'boots-silently'
                ? 'success'
                : deciding === NOT_APPLICABLE
                  ? 'not-applicable'
                  : deciding === BUSY
                    ? 'skipped'
                    : 'failure';
            assert.equal(target.state, expected);
            assert.ok((FINAL_STATES as readonly string[]).includes(target.state));
            assert.equal(target.evidence !== null, target.state === 'success');
            assert.equal(target.attempts, phones.sent.filter((id) => id === target.deviceId).length);
          }
        } finally {
          await new Promise((resolve) => setTimeout(resolve, 20));
          await fixture.close();
        }
      }),
      { numRuns: 20 },
    );
    fixture = await taskFixture(0);
  });
});
