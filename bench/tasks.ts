/**
 * The task engine: its overhead per target for an action that does nothing, against a bare loop that records each result
 * with a prepared statement in transactions of the same size; the commits it needs; and how soon a task begins that has
 * its time (issue of the task engine, section 4).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOrphanedTasks } from '../src/sdk/control/background.ts';
import { openInstallation } from '../src/sdk/home.ts';
import { openStore, type SqliteStore } from '../src/store/store.ts';
import type { TaskAction } from '../src/tasks/action.ts';
import { runTask } from '../src/tasks/runner.ts';
import { DEFAULT_STRATEGY } from '../src/tasks/strategy.ts';
import { makeHome } from '../test/support/home.ts';
import { type Measurement, median } from './harness.ts';

const TARGETS = 50_000;
const CONCURRENCY = 1000;
/** Tasks with a time of their own. */
const TIMES = 10;

/** Does nothing, at once, for good. */
const NOTHING: TaskAction = {
  repeatable: true,
  attempt: async () => ({ outcome: 'not-applicable', reason: 'nothing to do' }),
  proof: () => undefined,
};

export async function run(): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-bench-'));
  const store = openStore({ path: join(folder, 'phonectl.db'), create: true });
  try {
    fill(store);
    const ids = Array.from({ length: TARGETS }, (_, index) => index + 1);
    const bare = await bareLoop(store, ids);
    const engine = await throughEngine(store, ids);
    const late = await lateness();
    return [
      {
        name: `engine, CPU per target (${TARGETS} of them)`,
        ratio: engine.cpu / bare,
        reference: 'a bare loop with the same two writes per target',
        note: `${(engine.cpu / TARGETS).toFixed(0)} µs / ${(bare / TARGETS).toFixed(0)} µs`,
      },
      {
        name: 'commits per target',
        ratio: engine.commits / TARGETS,
        reference: 'one commit',
        goal: 0.1,
        note: `${engine.commits} commits`,
      },
      {
        name: 'from the time of a task (--at) to its first phone',
        ratio: late / 1000,
        reference: 'a second',
        goal: 1,
        note: `${late.toFixed(0)} ms, median of ${TIMES}`,
      },
    ];
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function fill(store: SqliteStore): void {
  const { writer } = store.raw;
  writer.exec(`BEGIN; INSERT INTO enterprise (id, name, created_at) VALUES (1, 'Acme', 0);
    INSERT INTO site (id, enterprise_id, kind, name, name_key, created_at, updated_at)
    VALUES (1, 1, 'company', 'Acme', 'acme', 0, 0);`);
  const insert = writer.prepare(
    `INSERT INTO device (id, enterprise_id, mac, name, site_id, created_at, updated_at) VALUES (?, 1, ?, ?, 1, 0, 0)`,
  );
  for (let id = 1; id <= TARGETS; id += 1) insert.run(id, `0004f2${id.toString(16).padStart(6, '0')}`, `phone-${id}`);
  writer.exec('COMMIT');
}

async function makeRun(store: SqliteStore, ids: readonly number[]): Promise<number> {
  const { runId } = await store.transaction(({ tasks }) =>
    tasks.create(
      {
        name: 'bench',
        type: 'reboot',
        content: {},
        selector: { all: true },
        strategy: DEFAULT_STRATEGY,
        schedule: { kind: 'now' },
        scope: 'all',
        createdBy: 'bench',
        createdKind: 'local',
        at: Date.now(),
      },
      ids.map((deviceId) => ({ deviceId, wave: 1, source: null, zone: null })),
    ),
  );
  return runId;
}

async function throughEngine(
  store: SqliteStore,
  ids: readonly number[],
): Promise<{ readonly cpu: number; readonly commits: number }> {
  const runId = await makeRun(store, ids);
  let commits = 0;
  const counted = {
    read: store.read,
    transaction: ((work) => {
      commits += 1;
      return store.transaction(work);
    }) as SqliteStore['transaction'],
  };
  const begin = process.cpuUsage();
  const { end, counters } = await runTask({
    runId,
    strategy: { ...DEFAULT_STRATEGY, concurrency: CONCURRENCY },
    action: NOTHING,
    store: counted,
    clock: { now: () => Date.now() },
    signal: new AbortController().signal,
  });
  if (end !== 'done' || counters.notApplicable !== TARGETS) throw new Error(`the run ended ${end}`);
  return { cpu: microseconds(begin), commits };
}

/** What has to be written at the least: that the target is being worked on, and what became of it. */
async function bareLoop(store: SqliteStore, ids: readonly number[]): Promise<number> {
  const runId = await makeRun(store, ids);
  const { writer } = store.raw;
  const begin = process.cpuUsage();
  const running = writer.prepare(
    `UPDATE task_target SET state = 'running', sent_at = ? WHERE run_id = ? AND device_id = ?`,
  );
  const done = writer.prepare(
    `UPDATE task_target SET state = 'not-applicable', ended_at = ? WHERE run_id = ? AND device_id = ?`,
  );
  for (let start = 0; start < ids.length; start += CONCURRENCY) {
    const batch = ids.slice(start, start + CONCURRENCY);
    for (const statement of [running, done]) {
      writer.exec('BEGIN IMMEDIATE');
      for (const id of batch) statement.run(Date.now(), runId, id);
      writer.exec('COMMIT');
    }
  }
  return microseconds(begin);
}

/** CPU time of this process since then. */
function microseconds(begin: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begin);
  return user + system;
}

/** Milliseconds by which `serve`, which looks every two seconds, is late with the first phone of a task that it knows. */
async function lateness(): Promise<number> {
  await using home = await makeHome();
  await home.phonectl.devices.add({ devices: [{ mac: '0004f2000001', model: 'VVX 450' }] });
  const installation = await openInstallation({ home: home.path });
  const stop = new AbortController();
  const running = runOrphanedTasks({ ...installation, scope: 'all' }, stop.signal, (message) => {
    throw new Error(message);
  });
  try {
    const tasks: number[] = [];
    for (let number = 0; number < TIMES; number += 1) {
      const at = new Date(Date.now() + 5000 + number * 300).toISOString();
      for await (const event of home.phonectl.control.reboot({ selector: { all: true }, at })) {
        if (event.type === 'scheduled') tasks.push(event.task);
      }
    }
    const late: number[] = [];
    for (const task of tasks) {
      for await (const _ of home.phonectl.tasks.watch({ task, interval: 100 }));
      const record = await installation.store.read.tasks.get(task);
      const [target] = await installation.store.read.tasks.targets(record?.runId ?? 0);
      const due = record?.schedule.kind === 'at' ? record.schedule.at : Number.NaN;
      late.push((target?.startedAt ?? Number.NaN) - due);
    }
    return median(late);
  } finally {
    stop.abort();
    await running;
    await installation.store.close();
  }
}
