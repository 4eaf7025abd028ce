import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describeCron, toCron } from '../../src/domain/schedule.ts';
import { isOpen, parseWindow } from '../../src/domain/window.ts';
import type { PhonectlError } from '../../src/sdk/errors.ts';
import { openInstallation } from '../../src/sdk/home.ts';
import type { Schedule } from '../../src/sdk/ports/tasks.ts';
import { type DueContext, LATE, startDue } from '../../src/sdk/tasks/due.ts';
import { nextOccurrence, type ScheduleInput, toSchedule } from '../../src/sdk/tasks/schedule.ts';
import { openStore, type SqliteStore } from '../../src/store/store.ts';
import { makeHome, type TestHome } from '../support/home.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEARS = 2 * 365 * DAY;

/** What the clocks in Berlin show. */
function berlin(at: number): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Europe/Berlin',
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(at);
}

async function occurrences(schedule: Schedule, from: number, until: number): Promise<number[]> {
  const found: number[] = [];
  for (let next = await nextOccurrence(schedule, from); next !== undefined && next < until; ) {
    found.push(next);
    next = await nextOccurrence(schedule, next);
  }
  return found;
}

const daily = (cron: string): Schedule => ({ kind: 'repeat', cron, timeZone: 'Europe/Berlin', missed: 'skip' });

describe('tasks: when', () => {
  const NOW = Date.parse('2026-11-22T03:00:00Z');

  it('what people say becomes a moment or a rule', async () => {
    const at = async (input: ScheduleInput): Promise<unknown> => {
      const schedule = await toSchedule(input, NOW);
      return schedule.kind === 'at' ? new Date(schedule.at).toISOString() : schedule;
    };
    const timeZone = 'Europe/Berlin';
    assert.deepEqual(await at({}), { kind: 'now' });
    assert.equal(await at({ in: '90m' }), '2026-11-22T04:30:00.000Z');
    assert.equal(await at({ at: '22:30', timeZone }), '2026-11-22T21:30:00.000Z');
    assert.equal(await at({ at: '03:30', timeZone }), '2026-11-23T02:30:00.000Z');
    assert.equal(await at({ at: '2026-12-01 22:30', timeZone }), '2026-12-01T21:30:00.000Z');
    assert.equal(await at({ at: '2026-12-01T22:30:00+01:00' }), '2026-12-01T21:30:00.000Z');
    const rule = { kind: 'repeat', timeZone, missed: 'skip' };
    assert.deepEqual(await at({ repeat: 'daily', at: '12:00', timeZone }), { ...rule, cron: '0 12 * * *' });
    assert.deepEqual(await at({ repeat: 'weekly', at: '03:00', days: ['sun', 'wed'], timeZone }), {
      ...rule,
      cron: '0 3 * * 0,3',
    });
    // 22 November 2026 is a Sunday.
    assert.deepEqual(await at({ repeat: 'weekly', at: '03:00', timeZone }), { ...rule, cron: '0 3 * * 0' });
    assert.deepEqual(await at({ repeat: 'monthly', at: '03:00', days: ['last'], timeZone }), {
      ...rule,
      cron: '0 3 L * *',
    });
  });

  it('what cannot be is refused, and never guessed', async () => {
    const wrong: ScheduleInput[] = [
      { at: '25:00' },
      { at: 'tomorrow' },
      { at: '2026-11-21T00:00:00Z' },
      { at: '2026-02-30 10:00' },
      { in: 'soon' },
      { at: '03:00', in: '1h' },
      { repeat: 'daily' },
      { repeat: 'hourly', at: '03:00' },
      { repeat: '61 * * * *' },
      { repeat: '0 0 31 2 *' },
      { repeat: '* * * * * *' },
      { repeat: 'weekly', at: '03:00', days: ['someday'] },
      { repeat: 'daily', at: '03:00', timeZone: 'Mars/Olympus' },
      { days: ['mon'], at: '03:00' },
    ];
    for (const input of wrong) {
      await assert.rejects(
        toSchedule(input, NOW),
        (error: PhonectlError) => error.code === 'usage',
        JSON.stringify(input),
      );
    }
  });

  it('a rule is said in words', () => {
    const words = (period: 'daily' | 'weekly' | 'monthly', days: string[]): string => {
      const result = toCron({ period, time: '3:05', days });
      return 'cron' in result ? describeCron(result.cron) : result.problem;
    };
    assert.equal(words('daily', []), 'every day at 03:05');
    assert.equal(words('weekly', ['mon', 'friday']), 'every Monday and Friday at 03:05');
    assert.equal(words('monthly', ['1', 'last']), 'on day 1 and the last day of every month at 03:05');
    assert.equal(words('monthly', ['32']), '"32" is not a day: 1 to 31, or last');
    assert.equal(describeCron('*/5 8-17 * * 1-5'), 'at the times of "*/5 8-17 * * 1-5"');
  });

  it('TASK-04: daily at local noon across both changes of the clocks, once a day', async () => {
    const from = Date.parse('2026-03-01T00:00:00Z');
    const found = await occurrences(daily('0 12 * * *'), from, Date.parse('2026-11-30T00:00:00Z'));
    assert.equal(found.length, 274);
    assert.ok(found.every((at) => berlin(at).endsWith('12:00')));
    assert.equal(new Set(found.map((at) => berlin(at).slice(0, 10))).size, 274);
  });

  it('a time that the clocks leave out comes later that day, one that they show twice comes once (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), async (hour, minute) => {
        for (const change of ['2026-03-29', '2026-10-25']) {
          const from = Date.parse(`${change}T00:00:00Z`) - 3 * DAY;
          const found = await occurrences(daily(`${minute} ${hour} * * *`), from, from + 6 * DAY);
          const days = found.map((at) => berlin(at).slice(0, 10));
          assert.equal(new Set(days).size, days.length, 'never twice a day');
          assert.equal(days.filter((day) => day === change).length, 1, `once on ${change}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('a window is one of the local day, over midnight too', () => {
    assert.equal(parseWindow('5:00-5:00'), undefined);
    assert.equal(parseWindow('22-5'), undefined);
    const night = parseWindow('22:00-05:00');
    const day = parseWindow('09:00-24:00');
    assert.ok(night && day);
    const open = (window: typeof night, time: string): boolean => isOpen(window, 'Europe/Berlin', Date.parse(time));
    assert.deepEqual(
      ['2026-07-01T19:59:00Z', '2026-07-01T20:00:00Z', '2026-07-02T02:59:00Z', '2026-07-02T03:00:00Z'].map((time) =>
        open(night, time),
      ),
      [false, true, true, false],
    );
    assert.equal(open(day, '2026-07-01T21:59:00Z'), true);
    assert.equal(open(day, '2026-07-01T22:00:00Z'), false);
  });
});

describe('tasks: timers and several schedulers (F-21)', () => {
  let home: TestHome;
  before(async () => {
    home = await makeHome();
    await home.phonectl.devices.add({ devices: [{ mac: '0004f2000001', model: 'VVX 450', name: 'lobby' }] });
  });
  after(() => home.remove());

  class FakeClock {
    at: number;
    constructor(at: number) {
      this.at = at;
    }
    now(): number {
      return this.at;
    }
    monotonic(): number {
      return performance.now();
    }
  }

  /** A timer that is due from `from` on. */
  async function timer(context: DueContext, schedule: Schedule, from: number): Promise<number> {
    const next = await nextOccurrence(schedule, from);
    return context.store.transaction(({ tasks }) =>
      tasks.define(
        {
          name: 'nightly',
          type: 'reboot',
          content: {},
          selector: { all: true },
          strategy: { concurrency: 1, attempts: 1, timeout: 1000 },
          schedule,
          scope: 'all',
          createdBy: 'anna',
          createdKind: 'local',
          at: from,
        },
        { at: next ?? 0 },
      ),
    );
  }

  async function runsOf(context: DueContext, taskId: number): Promise<string[]> {
    const { raw } = context.store as SqliteStore;
    const rows = raw.reader
      .prepare('SELECT occurrence, state FROM task_run WHERE task_id = ? ORDER BY due_at')
      .all(taskId);
    return rows.map(({ occurrence, state }) => `${occurrence} ${state}`);
  }

  async function schedulers(count: number, clock: FakeClock): Promise<DueContext[] & AsyncDisposable> {
    const { home: place } = await openInstallation({ home: home.path });
    const all = Array.from({ length: count }, () => ({
      store: openStore({ path: place.file('phonectl.db') }),
      home: place,
      clock,
    }));
    return Object.assign(all, {
      [Symbol.asyncDispose]: async () => {
        for (const { store } of all) await store.close();
      },
    });
  }

  it('five schedulers run each time of a year exactly once, over both changes of the clocks', async function () {
    this.timeout(60_000);
    const from = Date.parse('2026-01-01T00:00:00Z');
    const clock = new FakeClock(from);
    await using all = await schedulers(5, clock);
    const [first] = all;
    assert.ok(first);
    const id = await timer(first, daily('30 2 * * *'), from);
    const expected = await occurrences(daily('30 2 * * *'), from, from + 365 * DAY);
    for (const at of expected) {
      clock.at = at + 1000;
      const begun = await Promise.all(all.map((context) => startDue(context)));
      assert.equal(begun.flat().length, 1);
    }
    const runs = await runsOf(first, id);
    assert.deepEqual(
      runs,
      expected.map((at) => `${new Date(at).toISOString()} executing`),
    );
    await first.store.transaction(({ tasks }) => tasks.delete(id));
  });

  it('a clock that jumps two years ahead and back runs nothing twice, and goes on with its days', async () => {
    const from = Date.parse('2026-11-01T00:00:00Z');
    const clock = new FakeClock(from);
    await using all = await schedulers(2, clock);
    const [first] = all;
    assert.ok(first);
    const id = await timer(first, daily('0 12 * * *'), from);
    const step = async (at: number): Promise<void> => {
      clock.at = at;
      await Promise.all(all.map((context) => startDue(context)));
    };
    const noon = (day: string): number => Date.parse(`${day}T11:00:00Z`);
    await step(noon('2026-11-01') + 500);
    await step(noon('2026-11-01') + YEARS);
    await step(noon('2026-11-01') + 3_600_000);
    await step(noon('2026-11-01') - 3_600_000);
    await step(noon('2026-11-01') + 700);
    await step(noon('2026-11-02') + 500);
    await step(noon('2026-11-02') + 600);
    const runs = await runsOf(first, id);
    assert.deepEqual(runs, [
      '2026-11-01T11:00:00.000Z executing',
      // Two years later it was found to have been missed; that it was skipped is told.
      '2026-11-02T11:00:00.000Z missed',
    ]);
    await step(noon('2026-11-03') + 500);
    assert.equal((await runsOf(first, id)).at(-1), '2026-11-03T11:00:00.000Z executing');
    await first.store.transaction(({ tasks }) => tasks.delete(id));
  });

  it('a time at which nobody was there is left out or caught up once, as was said', async () => {
    const from = Date.parse('2026-11-01T00:00:00Z');
    const clock = new FakeClock(from);
    await using all = await schedulers(1, clock);
    const [only] = all;
    assert.ok(only);
    const skips = await timer(only, daily('0 12 * * *'), from);
    const catches = await timer(only, { ...daily('0 12 * * *'), missed: 'run' } as Schedule, from);
    clock.at = Date.parse('2026-11-05T11:00:00Z') + LATE + 1;
    assert.equal((await startDue(only)).length, 1);
    assert.equal((await startDue(only)).length, 0);
    assert.deepEqual(await runsOf(only, skips), ['2026-11-01T11:00:00.000Z missed']);
    assert.deepEqual(await runsOf(only, catches), ['2026-11-01T11:00:00.000Z executing']);
    const [task] = (await only.store.read.tasks.list()).filter(({ id }) => id === skips);
    assert.equal(new Date(task?.nextAt ?? 0).toISOString(), '2026-11-06T11:00:00.000Z');
    for (const id of [skips, catches]) await only.store.transaction(({ tasks }) => tasks.delete(id));
  });

  it('scheduler against a model: each time once, whatever the clock does (property)', async function () {
    this.timeout(60_000);
    const clock = new FakeClock(0);
    await using all = await schedulers(2, clock);
    const [first] = all;
    assert.ok(first);
    const schedule = { ...daily('0 */6 * * *'), missed: 'run' } as Schedule;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ by: fc.integer({ min: -10 * HOUR, max: 30 * HOUR }), who: fc.integer({ min: 0, max: 1 }) }),
          {
            minLength: 1,
            maxLength: 25,
          },
        ),
        async (steps) => {
          const from = Date.parse('2026-10-24T00:00:00Z');
          clock.at = from;
          const id = await timer(first, schedule, from);
          // The model: the next time is the first one after the last look that has not been run.
          const ran = new Set<number>();
          let planned = { at: from, next: (await nextOccurrence(schedule, from)) ?? 0 };
          for (const { by, who } of steps) {
            clock.at = Math.max(from, clock.at + by);
            const scheduler = all[who];
            assert.ok(scheduler);
            await startDue(scheduler);
            const free = async (after: number): Promise<number> => {
              let next = (await nextOccurrence(schedule, after)) ?? 0;
              while (ran.has(next)) next = (await nextOccurrence(schedule, next)) ?? 0;
              return next;
            };
            if (planned.next <= clock.at) {
              ran.add(planned.next);
              planned = { at: clock.at, next: await free(clock.at) };
            } else if (planned.at > clock.at) planned = { at: clock.at, next: await free(clock.at) };
          }
          const runs = await runsOf(first, id);
          assert.deepEqual(
            runs,
            [...ran].sort((a, b) => a - b).map((at) => `${new Date(at).toISOString()} executing`),
          );
          await first.store.transaction(({ tasks }) => tasks.delete(id));
        },
      ),
      { numRuns: 25 },
    );
  });
});
