/** How a run goes through its targets, and when it stops itself. */
import type { Strategy, TaskCounters } from '../sdk/ports/tasks.ts';

/** A reboot of thousands is not one thundering herd: this many are away at the same time. */
export const DEFAULT_STRATEGY: Strategy = { concurrency: 50, attempts: 3, timeout: 300_000 };

/** True when more have failed than the strategy allows. A share is one of all targets. */
export function tooManyFailures({ maxFailures }: Strategy, { failure, total }: TaskCounters): boolean {
  if (maxFailures === undefined) return false;
  const limit = typeof maxFailures === 'number' ? maxFailures : (Number.parseFloat(maxFailures) / 100) * total;
  return failure > limit;
}

/** How many may be begun now so that even if all in flight failed, the limit is passed by one at the most. */
export function startsAllowed(strategy: Strategy, { failure, total }: TaskCounters, inFlight: number): number {
  const free = strategy.concurrency - inFlight;
  const { maxFailures } = strategy;
  if (maxFailures === undefined) return free;
  const limit = typeof maxFailures === 'number' ? maxFailures : (Number.parseFloat(maxFailures) / 100) * total;
  return Math.min(free, Math.floor(limit) + 1 - failure - inFlight);
}

/** Spreads starts over time: `take(n)` says how many of n may begin now. Monotonic milliseconds come from the caller. */
export class Throttle {
  readonly #gap: number;
  #next = Number.POSITIVE_INFINITY;

  constructor(rate: number | undefined) {
    this.#gap = rate === undefined ? 0 : 1000 / rate;
  }

  take(wanted: number, now: number): number {
    if (this.#gap === 0) return wanted;
    // Nothing is saved up before the first start, and at most one second's worth after it.
    this.#next = this.#next === Number.POSITIVE_INFINITY ? now : Math.max(this.#next, now - 1000);
    let taken = 0;
    while (taken < wanted && this.#next <= now) {
      taken += 1;
      this.#next += this.#gap;
    }
    return taken;
  }

  /** Gives back what was taken and not used. */
  giveBack(unused: number): void {
    this.#next -= unused * this.#gap;
  }
}
