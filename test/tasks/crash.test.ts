import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TaskFixture, taskFixture } from './support.ts';

const PHONES = 60;
const KILLS = 4;

describe('tasks: a runner that dies (F-20)', () => {
  let fixture: TaskFixture;
  let folder: string;
  before(async () => {
    fixture = await taskFixture(PHONES);
    folder = mkdtempSync(join(tmpdir(), 'phonectl-crash-'));
  });
  after(async () => {
    await fixture.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it(`is replaced after kill -9: ${KILLS} kills, every phone ends once, no confirmed one is repeated`, async function () {
    this.timeout(60_000);
    const { runId } = await fixture.makeTask();
    const log = join(folder, 'sent');
    const phones = answerCommands(fixture, log);
    const confirmedAt = new Map<number, number>();
    let kills = 0;
    for (;;) {
      const child = start(fixture.path, runId, log);
      const killed = kills < KILLS;
      if (killed) {
        // In the middle of the work: when some more phones have been sent their command.
        await until(() => phones.sent().length >= Math.min(PHONES, (kills + 1) * 9), child);
        child.kill('SIGKILL');
        kills += 1;
      }
      await ended(child);
      const sent = phones.sent();
      for (const { deviceId, state } of await fixture.store.read.tasks.targets(runId)) {
        const commands = sent.filter((id) => id === deviceId).length;
        if (confirmedAt.has(deviceId))
          assert.equal(commands, confirmedAt.get(deviceId), `phone ${deviceId} was repeated`);
        else if (state === 'success') confirmedAt.set(deviceId, commands);
      }
      if (!killed) break;
    }
    await phones.stop();
    const targets = await fixture.store.read.tasks.targets(runId);
    assert.deepEqual(new Set(targets.map(({ state }) => state)), new Set(['success']));
    const duplicates = phones.sent().length - PHONES;
    assert.ok(duplicates <= 0, `${duplicates} commands were sent twice`);
  });
});

function start(path: string, runId: number, log: string): ChildProcess {
  const script = join(import.meta.dirname, 'crash-runner.ts');
  return spawn(process.execPath, [script, path, String(runId), log], { stdio: ['ignore', 'ignore', 'inherit'] });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

async function until(condition: () => boolean, child: ChildProcess): Promise<void> {
  while (!condition() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Phones that boot 80 ms after each command in the file, whoever sent it and whether it still lives. */
function answerCommands(fixture: TaskFixture, log: string): { sent(): number[]; stop(): Promise<void> } {
  let seen = 0;
  const boots: Promise<void>[] = [];
  function sent(): number[] {
    return existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean).map(Number) : [];
  }
  const timer = setInterval(() => {
    const all = sent();
    for (const deviceId of all.slice(seen)) {
      boots.push(
        new Promise((resolve) => setTimeout(resolve, 80)).then(() => fixture.evidence(deviceId)) as Promise<void>,
      );
    }
    seen = all.length;
  }, 5);
  return {
    sent,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(boots);
    },
  };
}
