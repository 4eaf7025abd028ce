/**
 * A reboot of lab phones whose runner dies at each commit in turn: the command line that runs it, or the server, in its
 * main thread or in the one that writes what phones report. The phones' own boot counters are the witnesses.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskDetails } from '../../src/sdk/tasks/read.ts';
import { runCli } from '../cli/harness.ts';
import { Fleet, rebootedMoreThan } from './fleet.ts';
import { deadlyEnv } from './session.ts';

export type Victim = 'cli' | 'serve' | 'serve worker';

export interface WritesReport {
  readonly kills: number;
  readonly reboots: number;
  /** Targets without a final state. */
  readonly open: readonly string[];
  /** Phones that rebooted twice in one task. */
  readonly twice: readonly string[];
  /** Phones that were said to have rebooted and did not. */
  readonly imagined: readonly string[];
  /** What was reported to be uncertain. */
  readonly unconfirmed: readonly string[];
}

/** Kills the victim at its commits 1, 1 + step, …, until it outlives the task, or `most` times. */
export async function killAtWrites(victim: Victim, step: number, most: number): Promise<WritesReport> {
  // Cisco phones are back soonest, and tell their uptime.
  await using fleet = await Fleet.start({ phones: 6, speed: 30, mix: { poly: 0, yealink: 0, cisco: 1 } });
  const report = {
    kills: 0,
    reboots: 0,
    open: [] as string[],
    twice: [] as string[],
    imagined: [] as string[],
    unconfirmed: [] as string[],
  };
  for (let number = 1; report.kills < most; number += step) {
    for (const where of ['before', 'after'] as const) {
      const name = `${victim}, ${where} commit ${number}`;
      const before = await fleet.bootCounts();
      const thread = victim === 'serve worker' ? 'worker' : 'main';
      const env = deadlyEnv(`${thread}:${where}:${number}`);
      const { died, task } = victim === 'cli' ? await dyingCli(fleet, env) : await dyingServer(fleet, env);
      await fleet.running();
      // Who was told last comes up after it was believed to.
      await sleep(300);
      const after = await fleet.bootCounts();
      if (!died) return report;
      report.kills += 1;
      report.twice.push(...rebootedMoreThan(1, before, after).map((mac) => `${name}: ${mac}`));
      for (const { device, result, reason } of task?.results ?? []) {
        const booted = after.get(device) !== before.get(device);
        if (booted) report.reboots += 1;
        if (result === 'pending') report.open.push(`${name}: ${device}`);
        else if (result === 'success' && !booted) report.imagined.push(`${name}: ${device}`);
        else if (result !== 'success') report.unconfirmed.push(`${name}: ${device}: ${reason}`);
      }
    }
  }
  return report;
}

const REBOOT = [
  'device',
  'reboot',
  '--all',
  '--yes',
  '--concurrency',
  '3',
  '--rate-per-source',
  '500',
  '--timeout',
  '30',
];

interface Round {
  readonly died: boolean;
  /** Absent when the command died before there was one. */
  readonly task?: TaskDetails;
}

/** The command line runs the task itself; when it dies, the server goes on with it. */
async function dyingCli(fleet: Fleet, env: Record<string, string>): Promise<Round> {
  const { home } = fleet;
  const known = await newest(fleet);
  const options = { home: home.path, env: { ...home.env, ...env }, timeout: 120_000 };
  const { signal } = await runCli([...REBOOT, '--json'], options);
  const task = await newest(fleet);
  return {
    died: signal === 'SIGKILL',
    ...(task !== undefined && task !== known && { task: await ended(fleet, task) }),
  };
}

async function dyingServer(fleet: Fleet, env: Record<string, string>): Promise<Round> {
  const { server } = fleet;
  await server.kill();
  await server.start(env);
  const { stdout } = await fleet.run(...REBOOT, '--no-wait', '--json');
  const { task } = JSON.parse(stdout) as { task: number };
  const over = new AbortController();
  const watching = ended(fleet, task).finally(() => over.abort());
  while (server.isAlive && !over.signal.aborted) await sleep(20);
  const died = !server.isAlive;
  if (died) await server.start();
  return { died, task: await watching };
}

async function newest(fleet: Fleet): Promise<number | undefined> {
  for await (const { id } of fleet.home.phonectl.tasks.list({ limit: 1 })) return id;
  return undefined;
}

async function ended(fleet: Fleet, task: number): Promise<TaskDetails> {
  for await (const _ of fleet.home.phonectl.tasks.watch({ task, interval: 100 }));
  return await fleet.home.phonectl.tasks.show({ task });
}
