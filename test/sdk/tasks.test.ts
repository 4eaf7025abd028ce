import assert from 'node:assert/strict';
import type { ControlEvent } from '../../src/sdk/control/run.ts';
import { callValue } from '../../src/sdk/door.ts';
import type { PhonectlError } from '../../src/sdk/errors.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import { tasks as operations } from '../../src/sdk/operations/tasks.ts';
import { timers as timerOperations } from '../../src/sdk/operations/timers.ts';
import type { FinalState } from '../../src/sdk/ports/tasks.ts';
import { startDue } from '../../src/sdk/tasks/due.ts';
import { removeOldResults } from '../../src/sdk/tasks/retention.ts';
import { runCli } from '../cli/harness.ts';
import { makeHome, type TestHome } from '../support/home.ts';

const MACS = ['0004f2000001', '0004f2000002', '0004f2000003'];

describe('sdk: steering tasks', () => {
  let home: TestHome;
  beforeEach(async () => {
    home = await makeHome();
    await home.phonectl.sites.add({ sites: [{ name: 'Berlin', timeZone: 'Europe/Berlin' }] });
    await home.phonectl.devices.add({ devices: MACS.map((mac) => ({ mac, model: 'VVX 450', site: 'Berlin' })) });
  });
  afterEach(() => home.remove());

  async function started(events: AsyncIterable<ControlEvent>): Promise<number> {
    for await (const event of events) if (event.type === 'started' || event.type === 'scheduled') return event.task;
    throw new Error('nothing was begun');
  }

  /** A task that nobody runs, with these results of its devices. */
  async function left(...states: readonly (FinalState | 'pending')[]): Promise<number> {
    const events = await Array.fromAsync(home.phonectl.control.reboot({ selector: { all: true }, wait: false }));
    const task = events.flatMap((event) => (event.type === 'started' ? [event.task] : []))[0] ?? 0;
    const { store } = await openInstallation({ home: home.path });
    await store.transaction(async ({ tasks }) => {
      const record = await tasks.get(task);
      const runId = record?.runId ?? 0;
      const now = Date.now();
      const lease = { owner: 'test', now, until: now + 1000 };
      const targets = await tasks.targets(runId);
      const done = targets.filter((_, index) => states[index] !== 'pending' && states[index] !== undefined);
      await tasks.claim(
        runId,
        lease,
        10,
        done.map(({ deviceId }) => deviceId),
      );
      const lost = await tasks.record(
        runId,
        'test',
        done.map((target) => ({
          ...target,
          state: states[target.position] ?? 'failure',
          attempts: 1,
          reason: 'tested',
          at: now,
        })),
      );
      assert.deepEqual(lost, []);
      if (!states.includes('pending') && states.length === targets.length) await tasks.setRunState(runId, 'done', now);
    });
    await store.close();
    return task;
  }

  const conflict = { code: 'conflict' };

  it('TASK-02, TASK-25, TASK-31: a task waits for its time, is edited, cancelled, and never edited once begun', async () => {
    const { control, tasks } = home.phonectl;
    const task = await started(control.reboot({ selector: { sites: ['Berlin'] }, in: '2h', name: 'Night' }));
    const shown = await tasks.show({ task });
    assert.deepEqual([shown.state, shown.name, shown.runs, shown.results], ['scheduled', 'Night', 0, []]);
    const edited = await tasks.edit({ task, name: 'Later', at: '23:45', timeZone: 'UTC', concurrency: 3 });
    assert.deepEqual([edited.name, edited.nextAt?.slice(11, 16)], ['Later', '23:45']);
    assert.equal((await tasks.show({ task })).strategy.concurrency, 3);
    await assert.rejects(tasks.edit({ task }), { code: 'usage' });
    await assert.rejects(tasks.edit({ task, selector: { sites: ['Nowhere'] } }), { code: 'not_found' });
    assert.equal((await tasks.cancel({ task, dryRun: true })).state, 'cancelled');
    assert.equal((await tasks.show({ task })).state, 'scheduled', 'a dry run changes nothing');
    assert.equal((await tasks.cancel({ task })).state, 'cancelled');
    await assert.rejects(tasks.edit({ task, name: 'x' }), conflict);
    const running = await left('success', 'pending', 'pending');
    await assert.rejects(tasks.edit({ task: running, name: 'x' }), conflict);
    await assert.rejects(tasks.cancel({ task: running }), conflict);
  });

  it('TASK-27: deletes what waits or is over, never what is in progress (acceptance 3: exit status 6)', async () => {
    const running = await left('success', 'pending', 'pending');
    const refused = await runCli(['task', 'delete', String(running), '--yes'], { home: home.path, env: home.env });
    assert.equal(refused.status, 6, refused.stderr);
    const { tasks } = home.phonectl;
    await tasks.pause({ task: running });
    await assert.rejects(tasks.delete({ task: running }), conflict);
    await tasks.end({ task: running });
    await tasks.delete({ task: running });
    await assert.rejects(tasks.show({ task: running }), { code: 'not_found' });
  });

  it('TASK-14, TASK-15: paused, resumed, ended; what is left out says so', async () => {
    const { tasks } = home.phonectl;
    const task = await left('success', 'pending', 'pending');
    const paused = await tasks.pause({ task });
    assert.deepEqual([paused.state, paused.reason], ['paused', 'Paused by tester.']);
    await assert.rejects(tasks.pause({ task }), conflict);
    const events = await Array.fromAsync(tasks.resume({ task, wait: false }));
    assert.equal(events.at(-1)?.type, 'finished');
    assert.equal((await tasks.show({ task })).state, 'executing');
    const ended = await tasks.end({ task });
    assert.match(ended.message, /^2 devices are left out/);
    const { state, counters, results } = await tasks.show({ task });
    assert.deepEqual([state, counters.success, counters.skipped, counters.inProgress], ['done', 1, 2, 0]);
    assert.equal(results[1]?.reason, 'Ended by tester.');
    await assert.rejects(tasks.end({ task }), conflict);
  });

  it('a halted task goes on only with a higher limit: failures still count', async () => {
    const { tasks } = home.phonectl;
    const task = await left('failure', 'failure', 'pending');
    const { store } = await openInstallation({ home: home.path });
    await store.transaction(async (repositories) => {
      const record = await repositories.tasks.get(task);
      await repositories.tasks.setRunState(record?.runId ?? 0, 'halted', Date.now(), '2 failed: more than 1.');
    });
    await store.close();
    const resume = (maxFailures?: number): Promise<ControlEvent[]> =>
      Array.fromAsync(tasks.resume({ task, wait: false, ...(maxFailures !== undefined && { maxFailures }) }));
    await assert.rejects(resume(), conflict);
    await assert.rejects(resume(1), conflict);
    await resume(2);
    assert.deepEqual((await tasks.show({ task })).state, 'executing');
  });

  it('TASK-19: retry takes the failed ones only, or the chosen ones of them', async () => {
    const { tasks } = home.phonectl;
    const task = await left('failure', 'success', 'failure');
    await assert.rejects(Array.fromAsync(tasks.retry({ task, wait: false, devices: [MACS[1] ?? ''] })), conflict);
    await Array.fromAsync(tasks.retry({ task, wait: false, devices: [MACS[2] ?? ''] }));
    const { results, runs } = await tasks.show({ task });
    assert.deepEqual([results.map(({ device }) => device), runs], [[MACS[2]], 2]);
  });

  it('a watcher is told each change, and when it stands still', async () => {
    const { tasks } = home.phonectl;
    const task = await left('failure', 'success', 'pending');
    setTimeout(() => tasks.end({ task }).catch(assert.fail), 300);
    const seen = await Array.fromAsync(tasks.watch({ task, interval: 100 }));
    assert.deepEqual(
      seen.map(({ state, counters, failures }) => [state, counters.inProgress, failures.length]),
      [
        ['executing', 1, 1],
        ['done', 0, 0],
      ],
    );
    const watched = await runCli(['task', 'watch', String(task)], { home: home.path, env: home.env });
    assert.equal(watched.status, 3);
    assert.match(watched.stdout, /3\/3 · 1 done · 1 failed/);
  });

  it('TASK-05, TASK-12: a timer says when it runs next, is paused and ended; a task is none', async () => {
    const { timers, tasks } = home.phonectl;
    const rule = {
      type: 'reboot',
      selector: { sites: ['Berlin'] },
      repeat: 'daily',
      at: '12:00',
      timeZone: 'Europe/Berlin',
    };
    const dry = await timers.add({ ...rule, dryRun: true });
    assert.deepEqual([dry.id, dry.devices, dry.next.length], [undefined, 3, 3]);
    const { id = 0, when } = await timers.add(rule);
    assert.equal(when, 'every day at 12:00 (Europe/Berlin)');
    assert.equal((await timers.pause({ task: id })).state, 'paused');
    assert.equal((await timers.resume({ task: id })).state, 'scheduled');
    assert.match(
      (await timers.edit({ task: id, repeat: 'weekly', at: '03:00', days: ['sun'] })).when,
      /every Sunday at 03:00/,
    );
    await timers.end({ task: id });
    assert.deepEqual((await timers.show({ task: id })).next, []);
    await assert.rejects(timers.resume({ task: id }), conflict);
    await assert.rejects(timers.add({ ...rule, type: 'nonsense' }), { code: 'usage' });
    await assert.rejects(timers.add({ type: 'reboot', selector: { all: true }, at: '12:00' }), { code: 'usage' });
    const other = await started(home.phonectl.control.reboot({ selector: { all: true }, in: '2h' }));
    await assert.rejects(timers.show({ task: other }), { code: 'not_found' });
    assert.equal((await Array.fromAsync(timers.list({}))).length, 1);
    assert.equal((await Array.fromAsync(tasks.list({}))).length, 2);
  });

  it('acceptance 2: DND on every day at noon in Berlin, over both changes of the clocks', async () => {
    const installation = await openInstallation({ home: home.path });
    let now = Date.parse('2026-03-20T00:00:00Z');
    const clock = { now: () => now, monotonic: () => performance.now() };
    const input = {
      type: 'dnd',
      on: true,
      selector: { all: true },
      at: '12:00',
      repeat: 'daily',
      timeZone: 'Europe/Berlin',
    };
    const caller = {
      actor: { kind: 'local', name: 'anna', source: 'test' },
      scope: 'all',
      permissions: ['task:run', 'device:dnd'],
    } as const;
    const call = { name: 'timer.add', operation: timerOperations.add, caller };
    const { id } = (await callValue({ ...installation, clock }, { ...call, input })) as { id: number };
    const noons: string[] = [];
    // Looked at every half hour, as a server that is always there would do more often.
    for (const end = Date.parse('2026-11-10T00:00:00Z'); now < end; now += 1_800_000) {
      if (new Date(now).getUTCMonth() > 3 && new Date(now).getUTCMonth() < 9) now = Date.parse('2026-10-10T00:00:00Z');
      const begun = await startDue({ ...installation, clock });
      if (begun.length > 0) noons.push(new Date(now).toISOString());
    }
    const local = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'Europe/Berlin',
      dateStyle: 'short',
      timeStyle: 'short',
    });
    const shown = noons.map((at) => local.format(Date.parse(at)));
    // 20 March to 30 April, and from 11 October on; what lies between was missed and left out.
    assert.equal(new Set(shown.map((at) => at.slice(0, 10))).size, noons.length, 'never twice a day');
    assert.ok(
      shown.every((at) => at.endsWith('12:00')),
      shown.join(' '),
    );
    assert.ok(shown.includes('2026-03-29 12:00') && shown.includes('2026-10-25 12:00'));
    assert.ok(noons.includes('2026-03-28T11:00:00.000Z') && noons.includes('2026-03-29T10:00:00.000Z'));
    assert.ok(noons.includes('2026-10-24T10:00:00.000Z') && noons.includes('2026-10-25T11:00:00.000Z'));
    const { content, strategy } = await home.phonectl.timers.show({ task: id });
    assert.deepEqual([content, strategy.attempts], [{ input: { on: true } }, 3]);
    const wrong = [
      { ...input, on: undefined },
      { ...input, text: 'Hello' },
      { ...input, type: 'reset', scope: 'web' },
    ];
    for (const each of wrong.map((one) => JSON.parse(JSON.stringify(one)))) {
      await assert.rejects(callValue(installation, { ...call, input: each }), (error: PhonectlError) =>
        ['usage', 'forbidden'].includes(error.code),
      );
    }
    await installation.store.close();
  });

  it('a scheduled task acts with the rights of its maker, and is seen by those who could have made it', async () => {
    const installation = await openInstallation({ home: home.path });
    const { store } = installation;
    const berlin = await store.read.sites.find('Berlin', 'all');
    await home.phonectl.sites.add({ sites: [{ name: 'Lyon' }] });
    const lyon = await store.read.sites.find('Lyon', 'all');
    await home.phonectl.devices.add({ devices: [{ mac: '0004f2000009', model: 'VVX 450', site: 'Lyon' }] });
    const id = await store.transaction(({ tasks }) =>
      tasks.define(
        {
          name: 'mine',
          type: 'reboot',
          content: {},
          selector: { all: true },
          strategy: { concurrency: 1, attempts: 1, timeout: 1000 },
          schedule: { kind: 'at', at: Date.now() - 10, missed: 'run' },
          scope: [lyon?.id ?? 0],
          createdBy: 'lea',
          createdKind: 'local',
          at: Date.now() - 1000,
        },
        { at: Date.now() - 10 },
      ),
    );
    const show = (site: number | undefined): Promise<unknown> =>
      callValue(installation, {
        name: 'task.show',
        operation: operations.show,
        input: { task: id },
        caller: {
          actor: { kind: 'user', name: 'x', source: 'test' },
          scope: [site ?? 0],
          permissions: ['task:read'],
        },
      });
    await assert.rejects(show(berlin?.id), { code: 'not_found' });
    await show(lyon?.id);
    assert.equal((await startDue(installation)).length, 1);
    const { results } = await home.phonectl.tasks.show({ task: id });
    assert.deepEqual(
      results.map(({ device }) => device),
      ['0004f2000009'],
    );
    const log = await Array.fromAsync(store.read.log.list({ operation: 'task.start' }));
    assert.deepEqual([log[0]?.actor, log[0]?.object], ['lea', `task:${id}`]);
    await store.close();
  });

  it('results of devices are removed after ninety days, or as many as were set; the counts stay, and what could go on keeps them', async () => {
    const installation = await openInstallation({ home: home.path });
    const done = await left('success', 'failure', 'success');
    const open = await left('failure', 'pending', 'pending');
    const results = async (task: number): Promise<number> => (await home.phonectl.tasks.show({ task })).results.length;
    const later = { ...installation, clock: { now: () => Date.now() + 89 * 86_400_000, monotonic: () => 0 } };
    assert.equal(await removeOldResults(later), 0);
    later.clock.now = () => Date.now() + 91 * 86_400_000;
    assert.equal(await removeOldResults(later), 3);
    assert.deepEqual([await results(done), await results(open)], [0, 3]);
    const { counters } = await home.phonectl.tasks.show({ task: done });
    assert.deepEqual([counters.total, counters.success, counters.failure], [3, 2, 1]);
    await assert.rejects(
      Array.fromAsync(home.phonectl.tasks.retry({ task: done })),
      (error: PhonectlError) =>
        error.code === 'conflict' && /1 failed, but which is kept for 90 days/.test(error.message),
    );
    await home.phonectl.settings.editTasks({ resultDays: 180, dryRun: true });
    assert.deepEqual(await home.phonectl.settings.tasks({}), { resultDays: 90 });
    await home.phonectl.settings.editTasks({ resultDays: 180 });
    const kept = await left('success', 'success', 'success');
    assert.equal(await removeOldResults(later), 0);
    await home.phonectl.settings.editTasks({ resultDays: 30 });
    assert.equal(await removeOldResults(later), 3);
    assert.equal(await results(kept), 0);
    await installation.store.close();
  });

  it('TASK-02: skip sends nothing and leaves the rest to the next poll; a reboot cannot be skipped', async () => {
    const { control } = home.phonectl;
    const events = await Array.fromAsync(control.checkSync({ selector: { all: true }, skip: true }));
    const last = events.at(-1);
    assert.ok(last?.type === 'finished');
    assert.deepEqual([last.state, last.summary.skipped], ['done', 3]);
    assert.equal(last.results[0]?.reason, 'left to its next poll');
    await assert.rejects(Array.fromAsync(control.reboot({ selector: { all: true }, skip: true })), { code: 'usage' });
  });
});
