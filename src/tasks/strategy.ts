/** How a run goes through its targets, and when it stops itself. Pure: a model in the tests does the same by hand. */
import type { Amount, RunProgress, Strategy, TaskCounters } from '../sdk/ports/tasks.ts';

/** A reboot of thousands is not one thundering herd: this many are away at the same time. */
export const DEFAULT_STRATEGY: Strategy = { concurrency: 50, attempts: 3, timeout: 300_000 };

/** So many phones must have succeeded or failed before a share of them means anything. */
export const MINIMUM_SAMPLE = 20;

/** How many of `total` an amount is; a share is rounded up, and at least one of any. */
export function amountOf(amount: Amount, total: number): number {
  return typeof amount === 'number' ? amount : Math.min(total, Math.ceil(share(amount) * total));
}

function share(amount: `${number}%`): number {
  return Number.parseFloat(amount) / 100;
}

type Limited = Pick<Strategy, 'maxFailures'>;

/** Why no other phone may begin, in words; `undefined` while the limit is kept. */
export function tooManyFailures(
  { maxFailures }: Limited,
  { success, failure, total }: TaskCounters,
): string | undefined {
  if (maxFailures === undefined) return undefined;
  if (typeof maxFailures === 'number') {
    return failure > maxFailures ? `${failure} failed: more than ${maxFailures}.` : undefined;
  }
  const finished = success + failure;
  if (finished >= MINIMUM_SAMPLE && failure > share(maxFailures) * finished) {
    return `${failure} of the first ${finished} failed: more than ${maxFailures}.`;
  }
  // With fewer than a sample, or at the very end: what comes could not make up for it.
  return failure > share(maxFailures) * total ? `${failure} of ${total} failed: more than ${maxFailures}.` : undefined;
}

/** Why the fleet may not follow its canary; judged without a minimum sample, and strictly where there is no limit. */
export function canaryFailed(
  { maxFailures = 0 }: Limited,
  { success, failure }: Pick<TaskCounters, 'success' | 'failure'>,
): string | undefined {
  const limit = typeof maxFailures === 'number' ? maxFailures : share(maxFailures) * (success + failure);
  return failure > limit ? `${failure} of ${success + failure} phones of the canary failed.` : undefined;
}

/** How many may be begun now so that even if all in flight failed, the limit is passed by one at the most. */
export function startsAllowed(
  { concurrency, maxFailures }: Strategy,
  { counters, inFlight }: Pick<RunProgress, 'counters' | 'inFlight'>,
): number {
  const free = concurrency - inFlight;
  if (maxFailures === undefined) return Math.max(0, free);
  const limit = typeof maxFailures === 'number' ? maxFailures : Math.floor(share(maxFailures) * counters.total);
  return Math.max(0, Math.min(free, limit + 1 - counters.failure - inFlight));
}

/** What waves are made of. */
export interface Grouped {
  readonly model: string | null;
  readonly siteId: number;
  /** Nothing will be done to it: it is no canary, fills no batch, and comes last. */
  readonly idle?: boolean;
}

/**
 * The wave of each device, in the order of the devices: 0 for the first few of every model, then batches that are
 * filled site after site. Without a batch size everything behind the canary is one wave.
 */
export function wavesOf(devices: readonly Grouped[], { canary, batch }: Pick<Strategy, 'canary' | 'batch'>): number[] {
  const waves = new Array<number>(devices.length).fill(1);
  if (canary !== undefined) {
    const busy = [...devices.keys()].filter((index) => devices[index]?.idle !== true);
    const totals = Map.groupBy(busy, (index) => devices[index]?.model ?? '');
    for (const indexes of totals.values()) {
      for (const index of indexes.slice(0, amountOf(canary, indexes.length))) waves[index] = 0;
    }
  }
  if (batch === undefined) return waves;
  const rest = [...devices.keys()].filter((index) => waves[index] !== 0 && devices[index]?.idle !== true);
  const sites = [...Map.groupBy(rest, (index) => devices[index]?.siteId).values()].flat();
  const size = Math.max(1, amountOf(batch, rest.length));
  sites.forEach((index, place) => {
    waves[index] = 1 + Math.floor(place / size);
  });
  const last = sites.reduce((most, index) => Math.max(most, waves[index] ?? 1), 1);
  for (const [index, { idle }] of devices.entries()) if (idle === true) waves[index] = last;
  return waves;
}
