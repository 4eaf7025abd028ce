/** The crash harness: runners are killed at every write and at random, and what they did is held against the promises. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type TaskFixture, taskFixture } from '../tasks/support.ts';
import { BOOT } from './dying.ts';

const PHONES = 24;

/** Runners of one run that may die; the next one ends it. */
const DEATHS_PER_RUN = 6;

/** Where a runner dies: at a commit (before or after it), at a sending (before or after it), or after milliseconds. */
interface Death {
  readonly where: 'before' | 'after' | 'unsent' | 'sent' | 'time';
  readonly number: number;
}

export interface Report {
  readonly kills: number;
  readonly runs: number;
  /** Steps that the dead were told to be on disk, and that were not there afterwards. */
  readonly lost: number;
  /** Commands to phones that had been confirmed. */
  readonly repeated: number;
  /** Commands beyond one per phone and run. */
  readonly duplicates: number;
  /** Targets that ended otherwise than in success. */
  readonly failed: readonly string[];
}

/** So many stores at once: most of the time it is waited for phones that may have got a command. */
const LANES = 6;

/** Kills as many runners as wanted, at places that follow from the seed. */
export async function killMany(kills: number, seed: number): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-torture-'));
  try {
    const script = await bundledRunner(folder);
    const deaths = deathsOf(kills, seed);
    const lanes = Array.from({ length: LANES }, (_, lane) => deaths.filter((_, index) => index % LANES === lane));
    const reports = await Promise.all(lanes.map((own) => killRunners(own, script)));
    const sum = (of: (report: Report) => number): number => reports.reduce((total, report) => total + of(report), 0);
    return {
      kills: sum((report) => report.kills),
      runs: sum((report) => report.runs),
      lost: sum((report) => report.lost),
      repeated: sum((report) => report.repeated),
      duplicates: sum((report) => report.duplicates),
      failed: reports.flatMap(({ failed }) => failed),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Kills runners until as many died as wanted, and counts after each death what was broken of the promises (F-01, F-20). */
async function killRunners(deaths: readonly Death[], script: string): Promise<Report> {
  const fixture = await taskFixture(PHONES);
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-torture-'));
  try {
    const waiting = [...deaths];
    const report = { kills: 0, runs: 0, lost: 0, repeated: 0, duplicates: 0, failed: [] as string[] };
    while (waiting.length > 0) {
      const { runId } = await fixture.makeTask();
      const run = new Run(fixture, script, folder, runId);
      await run.under(waiting);
      report.kills += run.kills;
      report.runs += 1;
      report.lost += run.lost;
      report.repeated += run.repeated;
      report.duplicates += run.sent().length - new Set(run.sent()).size;
      for (const { deviceId, state, reason } of await fixture.store.read.tasks.targets(runId)) {
        if (state !== 'success') report.failed.push(`run ${runId}, phone ${deviceId}: ${state}: ${reason}`);
      }
      const { counters } = await fixture.store.read.tasks.progress(runId, Date.now());
      const states = Object.values(await fixture.states(runId));
      const successes = states.filter((state) => state === 'success').length;
      assert.deepEqual([counters.success, counters.inProgress], [successes, 0], 'the counts are those of the targets');
    }
    assert.equal(fixture.store.raw.reader.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
    return report;
  } finally {
    await fixture.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The runner in one file: it is started a thousand times. */
async function bundledRunner(folder: string): Promise<string> {
  const outfile = join(folder, 'runner.mjs');
  const entryPoints = [join(import.meta.dirname, 'kills-runner.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' });
  return outfile;
}

/** One run, with a death for each runner while there are some left and something to do. */
class Run {
  kills = 0;
  lost = 0;
  repeated = 0;
  readonly #fixture: TaskFixture;
  readonly #command: readonly string[];
  readonly #sent: string;
  readonly #acknowledged: string;
  /** Boots that the phones have begun, by the command that they answer. */
  readonly #boots: Promise<void>[] = [];

  constructor(fixture: TaskFixture, script: string, folder: string, runId: number) {
    this.#fixture = fixture;
    this.#sent = join(folder, `sent-${runId}`);
    this.#acknowledged = join(folder, `acknowledged-${runId}`);
    this.#command = [script, fixture.path, String(runId), this.#sent, this.#acknowledged];
  }

  async under(waiting: Death[]): Promise<void> {
    const timer = setInterval(() => this.#answer(), 5);
    const runId = Number(this.#command[2]);
    try {
      for (let deaths = 0; ; deaths += 1) {
        const death = deaths < DEATHS_PER_RUN ? waiting.shift() : undefined;
        const before = this.sent().length;
        const confirmed = this.#confirmed();
        const isDead = await this.#live(death);
        this.repeated += this.sent()
          .slice(before)
          .filter((id) => confirmed.has(id)).length;
        const states = await this.#fixture.states(runId);
        for (const id of this.#confirmed()) if (states[id] !== 'success') this.lost += 1;
        if (isDead) this.kills += 1;
        else {
          // It was faster than its death: the run is done.
          if (death !== undefined) waiting.unshift({ where: 'before', number: 1 + (death.number % 3) });
          return;
        }
      }
    } finally {
      clearInterval(timer);
      await Promise.all(this.#boots);
    }
  }

  /** Devices that got a command, in order. */
  sent(): number[] {
    return lines(this.#sent).map((line) => Number(line.split(' ')[0]));
  }

  /** Devices whose success was acknowledged. */
  #confirmed(): ReadonlySet<number> {
    const steps = lines(this.#acknowledged).map((line) => line.split(' '));
    return new Set(steps.filter(([, state]) => state === 'success').map(([id]) => Number(id)));
  }

  /** Runs a runner to its end; true when it was killed. */
  async #live(death: Death | undefined): Promise<boolean> {
    const how = death === undefined || death.where === 'time' ? [] : [death.where, String(death.number)];
    const child = spawn(process.execPath, [...this.#command, ...how], { stdio: ['ignore', 'ignore', 'inherit'] });
    const timer = death?.where === 'time' ? setTimeout(() => child.kill('SIGKILL'), death.number) : undefined;
    await ended(child);
    clearTimeout(timer);
    if (child.signalCode === null) assert.equal(child.exitCode, 0, 'a runner ends well or is killed');
    return child.signalCode === 'SIGKILL';
  }

  /** The server sees phones boot a moment after each command, whoever sent it and whether it still lives. */
  #answer(): void {
    for (const deviceId of this.sent().slice(this.#boots.length)) {
      const boot = new Promise((resolve) => setTimeout(resolve, BOOT)).then(() => this.#fixture.evidence(deviceId));
      this.#boots.push(boot);
    }
  }
}

function lines(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/** Deaths at every commit and every sending in turn, and at random moments, from a seed. */
function deathsOf(count: number, seed: number): Death[] {
  let state = seed;
  // Park and Miller's minimal generator: the same deaths for the same seed.
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const kinds = ['before', 'after', 'unsent', 'sent', 'time'] as const;
  return Array.from({ length: count }, (_, index) => {
    const where = kinds[index % kinds.length] ?? 'time';
    if (where === 'time') return { where, number: 60 + random(300) };
    if (where === 'unsent' || where === 'sent') return { where, number: 1 + random(6) };
    return { where, number: 1 + (Math.floor(index / kinds.length) % 12) };
  });
}
