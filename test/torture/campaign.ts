/**
 * A campaign over lab phones whose server is killed on the way: the CLI makes the task, `serve` runs it, and the phones'
 * own boot counters are held against what phonectl believes (acceptance 1 of the task engine).
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskSnapshot } from '../../src/sdk/tasks/read.ts';
import { Fleet, type FleetOptions, rebootedMoreThan } from './fleet.ts';

export interface Campaign extends FleetOptions {
  readonly kills: number;
  /** Phones that are away at the same time. */
  readonly concurrency: number;
  /** `2` or `20%`, as on the command line. */
  readonly batch: string;
}

export interface CampaignReport {
  readonly killed: number;
  readonly state: string;
  readonly success: number;
  readonly failure: number;
  /** Phones that rebooted more than once, by their own count. */
  readonly twice: readonly string[];
  /** Phones that were said to have rebooted, and did not. */
  readonly imagined: readonly string[];
  readonly reasons: readonly string[];
  /** Of the campaign alone. */
  readonly seconds: number;
}

export async function rebootUnderKills({ kills, concurrency, batch, ...options }: Campaign): Promise<CampaignReport> {
  await using fleet = await Fleet.start(options);
  const { phones } = options;
  const { home, server } = fleet;
  const before = await fleet.bootCounts();
  const begin = performance.now();
  const strategy = ['--canary', '2', '--batch', batch, '--max-failures', '5%', '--concurrency', String(concurrency)];
  const made = await fleet.run(
    ...['device', 'reboot', '--all', '--yes', ...strategy, '--rate-per-source', '500', '--timeout', '60'],
    ...['--no-wait', '--json'],
  );
  assert.equal(made.status, 8, made.stderr);
  const { task } = JSON.parse(made.stdout) as { task: number };
  const shown = await fleet.run('task', 'show', String(task), '--json');
  const { counters } = JSON.parse(shown.stdout);
  const names = ['failure', 'inProgress', 'notApplicable', 'skipped', 'success', 'total'];
  assert.deepEqual(Object.keys(counters).sort(), names);
  assert.equal(counters.total, phones);

  let killed = 0;
  let last: TaskSnapshot | undefined;
  for await (const snapshot of home.phonectl.tasks.watch({ task, interval: 100 })) {
    last = snapshot;
    const finished = snapshot.counters.total - snapshot.counters.inProgress;
    if (killed < kills && finished >= (phones * (killed + 1)) / (kills + 2)) {
      await server.kill();
      killed += 1;
      await server.start();
    }
  }
  assert.ok(last);
  const seconds = (performance.now() - begin) / 1000;
  const { results } = await home.phonectl.tasks.show({ task });
  // Phones that were told last come up after they were believed to.
  await sleep(1000);
  const after = await fleet.bootCounts();
  return {
    killed,
    state: last.state,
    success: last.counters.success,
    failure: last.counters.failure,
    twice: rebootedMoreThan(1, before, after),
    imagined: results
      .filter(({ device, result }) => result === 'success' && after.get(device) === before.get(device))
      .map(({ device }) => device),
    reasons: results.flatMap(({ device, result, reason }) => (result === 'failure' ? [`${device}: ${reason}`] : [])),
    seconds: Math.round(seconds),
  };
}
