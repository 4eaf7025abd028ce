/**
 * Executes a run: takes targets under leases, keeps a bounded number in flight, stops itself, and comes to an end that
 * the store knows. Any number of runners may work on the same run; one that dies is replaced when its leases expire.
 */
import { isOpen, parseWindow, type Window } from '../domain/window.ts';
import { isPhonectlError } from '../sdk/errors.ts';
import type { Candidate, Lease, RunProgress, Strategy, TargetRecord } from '../sdk/ports/tasks.ts';
import { PACE, type Pace, type RunOptions, type RunOutcome, type TargetEvent } from './action.ts';
import { Journal } from './journal.ts';
import { newRunner, noteEnded } from './owner.ts';
import { Patience } from './patience.ts';
import { pause } from './pause.ts';
import { canaryFailed, startsAllowed, tooManyFailures } from './strategy.ts';
import { runTarget, type TargetContext } from './target.ts';
import { SourceThrottle, Throttle } from './throttle.ts';
import { EvidenceWatch } from './watch.ts';

/** How long a runner that finds nothing to do waits before it looks again. Milliseconds. */
const IDLE = 250;

/** Runs until every target is final, the signal stops it, or it halts. Throws what broke it; its leases then expire. */
export async function runTask(options: RunOptions): Promise<RunOutcome> {
  return new Runner(options).run();
}

interface Flight {
  readonly landing: Promise<void>;
  /** Monotonic. */
  readonly since: number;
}

class Runner {
  readonly #options: RunOptions;
  readonly #pace: Pace;
  readonly #owner: string;
  readonly #broken = new AbortController();
  readonly #flying = new Map<number, Flight>();
  readonly #patience = new Patience();
  readonly #throttle: Throttle;
  readonly #sources: SourceThrottle;
  readonly #window: Window | undefined;
  readonly #context: TargetContext;
  #failure: { readonly error: unknown } | undefined;
  /** The wave that has been begun, and the monotonic time before which the next one may not be. */
  #wave: number | undefined;
  #nextWaveAt = 0;
  #halt: string | undefined;
  /** Monotonic time of the last renewal of the leases. */
  #renewedAt = Number.NEGATIVE_INFINITY;
  /** Resolves when something in flight has come to rest. */
  #landed = Promise.withResolvers<void>();

  constructor(options: RunOptions) {
    this.#options = options;
    this.#owner = options.owner ?? newRunner();
    this.#pace = options.pace ?? PACE;
    const { rate, ratePerSource, window } = options.strategy;
    this.#throttle = new Throttle(rate);
    this.#sources = new SourceThrottle(ratePerSource);
    this.#window = window === undefined ? undefined : parseWindow(window);
    this.#context = {
      action: options.action,
      strategy: options.strategy,
      journal: new Journal(options.store, options.runId, this.#owner),
      watch: new EvidenceWatch(options.store.read.evidence, this.#pace.evidence, (error) => this.#break(error)),
      clock: options.clock,
      pace: this.#pace,
      signal: this.#broken.signal,
      onEvent: (event) => this.#told(event),
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
      await Promise.all([...this.#flying.values()].map(({ landing }) => landing));
      if (this.#failure !== undefined) {
        const { error } = this.#failure;
        // A store that was locked or full may be fine again at once; a defect is not tried again at full speed.
        if (isPhonectlError(error)) noteEnded(this.#owner);
        throw error;
      }
      // What was abandoned has a lease that nobody renews; the next runner need not wait for its end.
      if (this.#broken.signal.aborted) await this.#renew(0);
      return await this.#conclude(end);
    } finally {
      clearInterval(heartbeat);
      this.#options.abandon?.removeEventListener('abort', abandon);
    }
  }

  async #loop(): Promise<RunOutcome['end']> {
    const { signal, strategy, store, runId, clock } = this.#options;
    for (;;) {
      if (this.#broken.signal.aborted || signal.aborted) return 'stopped';
      // The heartbeat is late where the machine was asleep or busy: what is in flight counts all the same.
      if (this.#flying.size > 0 && performance.now() - this.#renewedAt > this.#pace.lease / 2) await this.#renew();
      const progress = await store.read.tasks.progress(runId, clock.now());
      if (progress.counters.inProgress === 0) return 'done';
      // Somebody paused it.
      if (progress.state !== 'executing') return 'stopped';
      this.#halt = tooManyFailures(strategy, progress.counters) ?? (await this.#enterWave(progress));
      if (this.#halt !== undefined) return 'halted';
      if ((await this.#start(progress)) === 0) await this.#wait();
    }
  }

  /** Looks back when a wave is over: why the next must not begin, or how long it has to wait. */
  async #enterWave({ wave }: RunProgress): Promise<string | undefined> {
    if (wave === undefined || wave === this.#wave) return undefined;
    const { strategy, store, runId, clock } = this.#options;
    const { canary, pauseBetween } = strategy;
    this.#wave = wave;
    if (wave === 0 || (canary === undefined && pauseBetween === undefined)) return undefined;
    const before = (await store.read.tasks.waves(runId)).filter((each) => each.wave < wave);
    const [first] = before;
    if (first === undefined) return undefined;
    // Wall time across runners, monotonic from here on, and never longer than it should be.
    const ended = Math.max(...before.map(({ endedAt }) => endedAt ?? 0));
    const rest = Math.min(Math.max(0, ended + (pauseBetween ?? 0) - clock.now()), pauseBetween ?? 0);
    this.#nextWaveAt = performance.now() + rest;
    return first.wave === 0 ? canaryFailed(strategy, first) : undefined;
  }

  /** Begins as many as may begin now; returns how many that were. */
  async #start(progress: RunProgress): Promise<number> {
    const { store, runId, clock } = this.#options;
    const strategy = this.#roomy();
    const allowed = startsAllowed(strategy, progress);
    if (allowed === 0) return 0;
    const chosen = performance.now() < this.#nextWaveAt ? [] : await this.#choose(progress.wave, allowed);
    if (chosen.length === 0 && progress.abandoned === 0) return 0;
    const ids = chosen.map(({ deviceId }) => deviceId);
    const targets = await store.transaction(async ({ tasks }) => {
      // Once more where nobody else can begin any meanwhile: limits hold over all runners.
      const now = await tasks.progress(runId, clock.now());
      const room = tooManyFailures(strategy, now.counters) === undefined ? startsAllowed(strategy, now) : 0;
      return room === 0 || now.state !== 'executing' ? [] : tasks.claim(runId, this.#lease(), room, ids);
    });
    const taken = new Set(targets.map(({ deviceId }) => deviceId));
    for (const { deviceId, source } of chosen) {
      if (taken.has(deviceId)) continue;
      this.#throttle.giveBack(1);
      this.#sources.giveBack(source);
    }
    for (const target of targets) this.#fly(target);
    return targets.length;
  }

  /** Up to `wanted` pending phones of the wave whose time, window and source allow it. */
  async #choose(wave: number | undefined, wanted: number): Promise<readonly Candidate[]> {
    const { store, runId, clock } = this.#options;
    if (wave === undefined) return [];
    const chosen = new Map<number, Candidate>();
    const withoutSources = new Set<string>();
    const withoutZones = new Set<string>();
    // Each turn shuts out the sources and zones that were found shut: phones behind them block nobody else.
    for (;;) {
      const shut = withoutSources.size + withoutZones.size;
      const found = await store.read.tasks.candidates(runId, {
        wave,
        now: clock.now(),
        limit: wanted,
        withoutSources: [...withoutSources],
        withoutZones: [...withoutZones],
      });
      for (const candidate of found) {
        const { deviceId, source, zone } = candidate;
        if (chosen.has(deviceId) || chosen.size === wanted) continue;
        if (this.#window !== undefined && !isOpen(this.#window, zone ?? 'UTC', clock.now()))
          withoutZones.add(zone ?? '');
        else if (!this.#sources.take(source, performance.now())) withoutSources.add(source ?? '');
        else if (this.#throttle.take(1, performance.now()) === 1) chosen.set(deviceId, candidate);
        else {
          this.#sources.giveBack(source);
          return [...chosen.values()];
        }
      }
      if (chosen.size === wanted || shut === withoutSources.size + withoutZones.size) return [...chosen.values()];
    }
  }

  /** The strategy, with the places of phones that hang given to others. */
  #roomy(): Strategy {
    const { strategy } = this.#options;
    const now = performance.now();
    const ages = [...this.#flying.values()].map(({ since }) => now - since);
    return { ...strategy, concurrency: strategy.concurrency + this.#patience.lost(ages, strategy.concurrency) };
  }

  #told(event: TargetEvent): void {
    const flight = this.#flying.get(event.deviceId);
    if (event.state === 'success' && flight !== undefined) this.#patience.note(performance.now() - flight.since);
    this.#options.onEvent?.(event);
  }

  #fly(target: TargetRecord): void {
    const landing = runTarget(target, this.#context)
      .catch((error: unknown) => {
        // After the end only the abort itself comes back from what was in flight.
        if (!this.#broken.signal.aborted) this.#break(error);
      })
      .finally(() => {
        this.#flying.delete(target.deviceId);
        this.#landed.resolve();
      });
    this.#flying.set(target.deviceId, { landing, since: performance.now() });
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
      this.#renewedAt = performance.now();
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
      const { state, counters } = await tasks.progress(runId, clock.now());
      if (counters.inProgress === 0) await tasks.setRunState(runId, 'done', clock.now());
      // Who paused it has said why.
      else if (state !== 'executing') return;
      else if (end === 'halted') await tasks.setRunState(runId, 'halted', clock.now(), this.#halt);
      else if (end === 'stopped' && !this.#broken.signal.aborted) {
        // Who interrupts it wants it to stop: no server may go on with it. What is abandoned goes on elsewhere.
        await tasks.setRunState(runId, 'paused', clock.now(), 'Interrupted.');
      }
    });
    return { end, counters: (await store.read.tasks.progress(runId, clock.now())).counters };
  }
}
