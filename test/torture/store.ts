/**
 * A store that takes no writes while a server runs a campaign: locked by somebody else, on a full disk, over a quota. Phones
 * go on booting meanwhile. What was confirmed stays and is not repeated, what phones reported is not lost, and the server
 * goes on by itself when it can.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskSnapshot } from '../../src/sdk/tasks/read.ts';
import { openDatabase } from '../../src/store/sqlite.ts';
import { Fleet, type FleetOptions, rebootedMoreThan } from './fleet.ts';

/** What keeps the store from being written: `begin` says how it ends. */
export interface Trouble {
  begin(fleet: Fleet): () => void;
}

/** Another process holds it, as a long import or a careless `sqlite3` would. */
export const LOCKED: Trouble = {
  begin({ home }) {
    const holder = openDatabase({ path: join(home.path, 'phonectl.db') });
    holder.exec('BEGIN IMMEDIATE');
    return () => {
      holder.exec('ROLLBACK');
      holder.close();
    };
  },
};

/** The server may write no file any more; what a quota does to it. See setrlimit(2), RLIMIT_FSIZE. */
export const OVER_QUOTA: Trouble = {
  begin({ server }) {
    limitFiles(server.pid, '0');
    return () => limitFiles(server.pid, 'unlimited');
  },
};

function limitFiles(pid: number, most: string): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${most}:unlimited`]);
  assert.equal(status, 0, stderr.toString());
}

/** The disk is filled to the last byte, for everybody; see {@link onOwnDisk}. */
export const FULL: Trouble = {
  begin({ home }) {
    const ballast = join(home.path, '..', 'ballast');
    // The log that writes go to has room of its own, from writes before.
    const database = openDatabase({ path: join(home.path, 'phonectl.db') });
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.close();
    for (let size = 1 << 20; size >= 1; size = Math.floor(size / 2)) while (grows(ballast, size));
    return () => rmSync(ballast);
  },
};

function grows(file: string, size: number): boolean {
  try {
    writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    return true;
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    return false;
  }
}

/** Runs the work with a small disk of its own for temporary files. Throws where this user may not mount one. */
export async function onOwnDisk<T>(work: () => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-disk-'));
  const before = process.env['TMPDIR'];
  mount('mount', '-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', folder);
  try {
    process.env['TMPDIR'] = folder;
    return await work();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    mount('umount', folder);
    rmSync(folder, { recursive: true });
  }
}

function mount(...[command = '', ...argv]: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, argv);
  if (status !== 0) throw new Error(error?.message ?? stderr.toString());
}

/** Why a trouble cannot be made here; `undefined` when it can. */
export function missing(trouble: 'disk' | 'quota'): string | undefined {
  if (trouble === 'quota') return spawnSync('prlimit', ['--version']).status === 0 ? undefined : 'no prlimit here';
  return process.getuid?.() === 0 ? undefined : 'only root may mount a small disk';
}

export interface TroubleOptions extends FleetOptions {
  readonly trouble: Trouble;
  /** How long it lasts. */
  readonly seconds: number;
  readonly concurrency: number;
}

export interface TroubleReport {
  readonly state: string;
  readonly counters: TaskSnapshot['counters'];
  /** Confirmed when it began, and something else at the end. */
  readonly lost: readonly string[];
  /** Phones that rebooted more than once, and phones that did not and were said to. */
  readonly twice: readonly string[];
  readonly imagined: readonly string[];
  readonly reasons: readonly string[];
  /** What a command that wanted to write was told meanwhile. */
  readonly told: { readonly status: number | null; readonly stderr: string };
  /** What the server said. */
  readonly words: string;
  /** From the end of the trouble to the end of the task. */
  readonly secondsAfter: number;
}

export async function troubledCampaign(options: TroubleOptions): Promise<TroubleReport> {
  await using fleet = await Fleet.start(options);
  const { tasks } = fleet.home.phonectl;
  const before = await fleet.bootCounts();
  const made = await fleet.run(
    ...['device', 'reboot', '--all', '--yes', '--concurrency', String(options.concurrency)],
    ...['--rate-per-source', '500', '--timeout', '120', '--no-wait', '--json'],
  );
  assert.equal(made.status, 8, made.stderr);
  const { task } = JSON.parse(made.stdout) as { task: number };
  for await (const { counters } of tasks.watch({ task, interval: 100 })) {
    if (counters.success >= options.phones / 4) break;
  }
  const end = options.trouble.begin(fleet);
  const since = performance.now();
  const confirmed = await successes(fleet, task);
  assert.ok(confirmed.length > 0 && confirmed.length < options.phones, `${confirmed.length} were confirmed`);
  const told = await fleet.run('site', 'add', 'Meanwhile', '--json');
  await sleep(options.seconds * 1000 - (performance.now() - since));
  assert.ok(fleet.server.isAlive, fleet.server.words);
  end();
  const over = performance.now();
  let last: TaskSnapshot | undefined;
  for await (const snapshot of tasks.watch({ task, interval: 100 })) last = snapshot;
  assert.ok(last);
  const secondsAfter = (performance.now() - over) / 1000;
  const { results } = await tasks.show({ task });
  // Phones that were told last come up after they were believed to.
  await sleep(1000);
  const after = await fleet.bootCounts();
  const done = new Set(await successes(fleet, task));
  return {
    state: last.state,
    counters: last.counters,
    lost: confirmed.filter((device) => !done.has(device)),
    twice: rebootedMoreThan(1, before, after),
    imagined: [...done].filter((device) => after.get(device) === before.get(device)),
    reasons: results.flatMap(({ device, result, reason }) => (result === 'success' ? [] : [`${device}: ${reason}`])),
    told: { status: told.status, stderr: told.stderr },
    words: fleet.server.words,
    secondsAfter: Math.round(secondsAfter),
  };
}

async function successes(fleet: Fleet, task: number): Promise<readonly string[]> {
  const { results } = await fleet.home.phonectl.tasks.show({ task });
  return results.filter(({ result }) => result === 'success').map(({ device }) => device);
}

/** What has to be true whatever the trouble was. */
export function assertNothingLost(report: TroubleReport, phones: number): void {
  const text = JSON.stringify(report, undefined, 1);
  assert.equal(report.state, 'done', text);
  assert.deepEqual(report.lost, [], text);
  assert.deepEqual(report.twice, [], text);
  assert.deepEqual(report.imagined, [], text);
  assert.equal(report.counters.success, phones, text);
}
