/**
 * Executes a run: takes targets under leases, keeps a bounded number in flight, stops itself, and comes to an end that
 * the store knows. Any number of runners may work on the same run; one that dies is replaced when its leases expire.
 */
import type { Lease, TargetRecord, TaskCounters } from '../sdk/ports/tasks.ts';
import { newRunner, PACE, type Pace, type RunOptions, type RunOutcome } from './action.ts';
import { Journal } from './journal.ts';
import { pause } from './pause.ts';
import { startsAllowed, Throttle, tooManyFailures } from './strategy.ts';
import { runTarget, type TargetContext } from './target.ts';
import { EvidenceWatch } from './watch.ts';

/** How long a runner that finds nothing to do waits before it looks again. Milliseconds. */
const IDLE = 250;

/** Runs until every target is final, the signal stops it, or it halts. Throws what broke it; its leases then expire. */
export async function runTask(options: RunOptions): Promise<RunOutcome> {
  return new Runner(options).run();
}

class Runner {
  readonly #options: RunOptions;
  readonly #pace: Pace;
  readonly #owner: string;
  readonly #broken = new AbortController();
  readonly #flying = new Map<number, Promise<void>>();
  readonly #throttle: Throttle;
  readonly #context: TargetContext;
  #failure: { readonly error: unknown } | undefined;
  /** Resolves when something in flight has come to rest. */
  #landed = Promise.withResolvers<void>();

  constructor(options: RunOptions) {
    this.#options = options;
    this.#owner = options.owner ?? newRunner();
    this.#pace = options.pace ?? PACE;
    this.#throttle = new Throttle(options.strategy.rate);
    this.#context = {
      action: options.action,
      strategy: options.strategy,
      journal: new Journal(options.store, options.runId, this.#owner),
      watch: new EvidenceWatch(options.store.read.evidence, this.#pace.evidence, (error) => this.#break(error)),
      clock: options.clock,
      pace: this.#pace,
      signal: this.#broken.signal,
      onEvent: options.onEvent ?? (() => undefined),
    };
  }

  async run(): Promise<RunOutcome> {
    const abandon = (): void => this.#broken.abort();
    this.#options.abandon?.addEventListener('abort', abandon, { once: true });
    const heartbeat = setInterval(() => void this.#renew(), this.#pace.lease / 4);
    try {
      // Not exclusive: it only tells others that somebody looks after the run.
      await this.#options.store.transaction(({ tasks }) => tasks.hold(this.#options.runId, this.#lease()));
      const end = await this.#loop();
      await Promise.all(this.#flying.values());
      if (this.#failure !== undefined) throw this.#failure.error;
      // What was abandoned has a lease that nobody renews; the next runner need not wait for its end.
      if (this.#broken.signal.aborted) await this.#renew(0);
      return await this.#conclude(end);
    } finally {
      clearInterval(heartbeat);
      this.#options.abandon?.removeEventListener('abort', abandon);
    }
  }

  async #loop(): Promise<RunOutcome['end']> {
    const { signal, strategy, store, runId } = this.#options;
    for (;;) {
      if (this.#broken.signal.aborted || signal.aborted) return 'stopped';
      const counters = await store.read.tasks.counters(runId);
      if (tooManyFailures(strategy, counters)) return 'halted';
      if (counters.inProgress === 0) return 'done';
      if ((await this.#start(counters)) === 0) await this.#wait();
    }
  }

  /** Begins as many as may begin now; returns how many that were. */
  async #start(counters: TaskCounters): Promise<number> {
    const { strategy, store, runId } = this.#options;
    const allowed = this.#throttle.take(
      Math.max(0, startsAllowed(strategy, counters, this.#flying.size)),
      performance.now(),
    );
    if (allowed === 0) return 0;
    const targets = await store.transaction(({ tasks }) => tasks.claim(runId, this.#lease(), allowed));
    this.#throttle.giveBack(allowed - targets.length);
    for (const target of targets) this.#fly(target);
    return targets.length;
  }

  #fly(target: TargetRecord): void {
    const flight = runTarget(target, this.#context)
      .catch((error: unknown) => {
        // After the end only the abort itself comes back from what was in flight.
        if (!this.#broken.signal.aborted) this.#break(error);
      })
      .finally(() => {
        this.#flying.delete(target.deviceId);
        this.#landed.resolve();
      });
    this.#flying.set(target.deviceId, flight);
  }

  /** Until something in flight is done, or it is time to look again: for retries, throttling, and others' results. */
  async #wait(): Promise<void> {
    const over = new AbortController();
    const timer = pause(IDLE, AbortSignal.any([over.signal, this.#options.signal]));
    // Renewed here and nowhere else: what landed since the last look ends the wait at once.
    await Promise.race([this.#landed.promise, timer]);
    this.#landed = Promise.withResolvers();
    over.abort();
  }

  async #renew(length = this.#pace.lease): Promise<void> {
    try {
      await this.#options.store.transaction(({ tasks }) => tasks.renew(this.#lease(length)));
    } catch (error) {
      this.#break(error);
    }
  }

  #lease(length = this.#pace.lease): Lease {
    const now = this.#options.clock.now();
    return { owner: this.#owner, now, until: now + length };
  }

  /** Something in phonectl is broken: stop everything, keep the first error. */
  #break(error: unknown): void {
    this.#failure ??= { error };
    this.#broken.abort(error);
  }

  async #conclude(end: RunOutcome['end']): Promise<RunOutcome> {
    const { store, runId, clock } = this.#options;
    await store.transaction(async ({ tasks }) => {
      await tasks.release(runId, this.#owner);
      const { inProgress, failure } = await tasks.counters(runId);
      if (inProgress === 0) await tasks.setRunState(runId, 'done', clock.now());
      else if (end === 'halted') {
        await tasks.setRunState(runId, 'halted', clock.now(), `${failure} failed: more than the limit.`);
      } else if (end === 'stopped' && !this.#broken.signal.aborted) {
        // Who interrupts it wants it to stop: no server may go on with it. What is abandoned goes on elsewhere.
        await tasks.setRunState(runId, 'paused', clock.now(), 'Interrupted.');
      }
    });
    return { end, counters: await store.read.tasks.counters(runId) };
  }
}
