/**
 * Campaigns that go wrong over lab phones: phones that never come back, which have to halt it (F-23), and phones that
 * hang, which have to leave the others alone (F-24).
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '../../src/store/store.ts';
import { Fleet, type FleetOptions } from './fleet.ts';

export interface BadReport {
  readonly phones: number;
  readonly state: string;
  readonly reason: string | null;
  /** Phones that went down, by their own account. */
  readonly touched: number;
  /** The same a second later, and after it was tried to go on. */
  readonly later: number;
  readonly resumed: number;
  readonly failures: number;
  readonly failuresAfterResume: number;
  /** Why phones failed that would have come back: none should. */
  readonly wrongly: readonly string[];
}

/** A reboot of all phones from which every third or so never comes back. */
export async function badCampaign(options: FleetOptions, dying: number): Promise<BadReport> {
  await using fleet = await Fleet.start(options);
  const macs = [...(await fleet.bootCounts()).keys()];
  // Spread over the fleet, the same ones each time.
  const doomed = macs.filter((_, index) => (index * 37) % 100 < dying * 100);
  await fleet.setFaults(doomed, { neverComesBack: true });
  const before = await fleet.bootCounts();
  const made = await fleet.run(
    ...['device', 'reboot', '--all', '--yes', '--canary', '1%', '--max-failures', '5%', '--concurrency', '500'],
    ...['--rate-per-source', '500', '--timeout', '20', '--no-wait', '--json'],
  );
  assert.equal(made.status, 8, made.stderr);
  const { task } = JSON.parse(made.stdout) as { task: number };
  await ended(fleet, task);
  const touched = await touchedSince(fleet, before);
  await sleep(1000);
  const later = await touchedSince(fleet, before);
  const { state, reason, counters, results } = await fleet.home.phonectl.tasks.show({ task });
  // Who goes on without a higher limit finds the failures counted: nothing more is begun.
  const refused = await fleet.run('task', 'resume', String(task), '--no-wait', '--json');
  assert.equal(refused.status, 6, refused.stdout);
  const after = await fleet.home.phonectl.tasks.show({ task });
  return {
    phones: options.phones,
    state,
    reason,
    touched,
    later,
    resumed: await touchedSince(fleet, before),
    failures: counters.failure,
    failuresAfterResume: after.counters.failure,
    wrongly: results
      .filter(({ device, result }) => result === 'failure' && !doomed.includes(device))
      .map((each) => `${each.device}: ${each.reason}`)
      .slice(0, 5),
  };
}

/** Phones that are down, or have booted again. */
async function touchedSince(fleet: Fleet, before: ReadonlyMap<string, number>): Promise<number> {
  const phones = await fleet.phones();
  return phones.filter(({ mac, bootCount, state }) => state !== 'running' || bootCount !== before.get(mac)).length;
}

async function ended(fleet: Fleet, task: number): Promise<void> {
  for await (const _ of fleet.home.phonectl.tasks.watch({ task, interval: 200 }));
}

export interface PoisonReport {
  /** Milliseconds until the last healthy phone was done: in a healthy fleet, and beside phones that hang. */
  readonly healthy: number;
  readonly poisoned: number;
  /** Healthy phones that did not do it. */
  readonly failures: number;
}

/** The same reboot twice: all phones well, then with a share of them that accept connections and never answer. */
export async function poison(options: FleetOptions, hanging: number, concurrency: number): Promise<PoisonReport> {
  await using fleet = await Fleet.start(options);
  const macs = [...(await fleet.bootCounts()).keys()];
  const hung = new Set(macs.filter((_, index) => (index * 37) % 100 < hanging * 100));
  const well = await rebootAll(fleet, concurrency, hung);
  await fleet.running();
  await fleet.setFaults([...hung], { hang: true });
  const sick = await rebootAll(fleet, concurrency, hung);
  return { healthy: well.milliseconds, poisoned: sick.milliseconds, failures: well.failures + sick.failures };
}

async function rebootAll(
  fleet: Fleet,
  concurrency: number,
  without: ReadonlySet<string>,
): Promise<{ readonly milliseconds: number; readonly failures: number }> {
  const made = await fleet.run(
    ...['device', 'reboot', '--all', '--yes', '--concurrency', String(concurrency), '--rate-per-source', '500'],
    ...['--timeout', '60', '--no-wait', '--json'],
  );
  assert.equal(made.status, 8, made.stderr);
  const { task } = JSON.parse(made.stdout) as { task: number };
  await ended(fleet, task);
  const store = openStore({ path: join(fleet.home.path, 'phonectl.db') });
  try {
    const targets = await store.read.tasks.targets((await store.read.tasks.get(task))?.runId ?? 0);
    const others = targets.filter(({ mac }) => !without.has(mac ?? ''));
    const begun = Math.min(...targets.map(({ startedAt }) => startedAt ?? Number.POSITIVE_INFINITY));
    return {
      milliseconds: Math.max(...others.map(({ endedAt }) => endedAt ?? 0)) - begun,
      failures: others.filter(({ state }) => state !== 'success').length,
    };
  } finally {
    await store.close();
  }
}
