/** The crash harness: runners are killed at every write and at random, and what they did is held against the promises. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pace } from '../../src/tasks/action.ts';
import { QUICK, type TaskFixture, taskFixture } from '../tasks/support.ts';

/** The engine's times, so short that a dead runner is followed by the next at once. */
export const DYING: Pace = { ...QUICK, lease: 250, probe: { first: 20, longest: 40 } };

const PHONES = 24;

/** Where a runner dies: at a commit (before or after it), at a sending (before or after it), or after milliseconds. */
export interface Death {
  readonly where: 'before' | 'after' | 'unsent' | 'sent' | 'time';
  readonly number: number;
}

export interface Report {
  readonly kills: number;
  readonly runs: number;
  readonly commands: number;
  /** Commands beyond one per phone and run; each follows a kill between the note and the sending, and is harmless. */
  readonly duplicates: number;
}

/**
 * Kills runners until as many died as wanted, and checks after each death: what was confirmed was not repeated, no
 * phone got a command twice, and every run ends with a final state for every phone (F-01, F-20).
 */
export async function killRunners(deaths: readonly Death[]): Promise<Report> {
  const fixture = await taskFixture(PHONES);
  const folder = mkdtempSync(join(tmpdir(), 'phonectl-torture-'));
  const waiting = [...deaths];
  let [kills, runs, commands] = [0, 0, 0];
  try {
    while (waiting.length > 0) {
      const { runId } = await fixture.makeTask();
      const log = join(folder, `sent-${runId}`);
      const phones = answerCommands(fixture, log);
      kills += await killRun(fixture, runId, log, waiting);
      await phones.stop();
      const sent = phones.sent();
      const twice = sent.filter((id, index) => sent.indexOf(id) !== index);
      assert.deepEqual(twice, [], 'a reboot was sent twice');
      const states = new Set(Object.values(await fixture.states(runId)));
      assert.deepEqual(states, new Set(['success']), `run ${runId}`);
      const { counters } = await fixture.store.read.tasks.progress(runId, Date.now());
      assert.equal(counters.success, PHONES, 'the counts are those of the targets');
      runs += 1;
      commands += sent.length;
    }
    assert.equal(fixture.store.raw.reader.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
    return { kills, runs, commands, duplicates: commands - runs * PHONES };
  } finally {
    await fixture.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One run, with a death for each runner while there are some left and something to do. */
async function killRun(fixture: TaskFixture, runId: number, log: string, waiting: Death[]): Promise<number> {
  const confirmed = new Set<number>();
  let kills = 0;
  // The last runner of a run dies no more: so every run comes to its end.
  for (let deaths = 0; ; deaths += 1) {
    const death = deaths < 6 ? waiting.shift() : undefined;
    const before = commandsSent(log);
    const child = start(fixture.path, runId, log, death);
    const timer = death?.where === 'time' ? setTimeout(() => child.kill('SIGKILL'), death.number) : undefined;
    await ended(child);
    clearTimeout(timer);
    if (child.signalCode === 'SIGKILL') kills += 1;
    else assert.equal(child.exitCode, 0, 'a runner ends well or is killed');
    const repeated = commandsSent(log)
      .slice(before.length)
      .filter((id) => confirmed.has(id));
    assert.deepEqual(repeated, [], 'what was confirmed was repeated');
    const targets = await fixture.store.read.tasks.targets(runId);
    for (const { deviceId, state } of targets) if (state === 'success') confirmed.add(deviceId);
    for (const id of confirmed) {
      assert.equal(targets.find(({ deviceId }) => deviceId === id)?.state, 'success', 'what was acknowledged is there');
    }
    if (child.signalCode === null) {
      // It was faster than its death: the run is done.
      if (death !== undefined) waiting.unshift({ where: 'before', number: 1 + (death.number % 3) });
      return kills;
    }
  }
}

function start(path: string, runId: number, log: string, death: Death | undefined): ChildProcess {
  const script = join(import.meta.dirname, 'kills-runner.ts');
  const how = death === undefined || death.where === 'time' ? [] : [death.where, String(death.number)];
  return spawn(process.execPath, [script, path, String(runId), log, ...how], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

function commandsSent(log: string): number[] {
  return existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean).map(Number) : [];
}

/** Phones that boot 40 ms after each command in the file, whoever sent it and whether it still lives. */
function answerCommands(fixture: TaskFixture, log: string): { sent(): number[]; stop(): Promise<void> } {
  let seen = 0;
  const boots: Promise<void>[] = [];
  const timer = setInterval(() => {
    const all = commandsSent(log);
    for (const deviceId of all.slice(seen)) {
      boots.push(new Promise((resolve) => setTimeout(resolve, 40)).then(() => fixture.evidence(deviceId)));
    }
    seen = all.length;
  }, 5);
  return {
    sent: () => commandsSent(log),
    stop: async () => {
      clearInterval(timer);
      await Promise.all(boots);
    },
  };
}

/** Deaths at every commit and every sending in turn, and at random moments, from a seed. */
export function deathsOf(count: number, seed: number): Death[] {
  let state = seed;
  // Park and Miller's minimal generator: the same deaths for the same seed.
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const kinds = ['before', 'after', 'unsent', 'sent', 'time'] as const;
  return Array.from({ length: count }, (_, index) => {
    const where = kinds[index % kinds.length] ?? 'time';
    if (where === 'time') return { where, number: 150 + random(500) };
    if (where === 'unsent' || where === 'sent') return { where, number: 1 + random(6) };
    return { where, number: 1 + (Math.floor(index / kinds.length) % 12) };
  });
}
