/**
 * One phone's way through a task: send, wait for proof, try again or give up. Every step is on disk before the next one,
 * so that whoever takes over after a crash knows whether the command may have been sent.
 */
import type { Evidence } from '../sdk/ports/evidence.ts';
import type { ReasonCode, Strategy, TargetChange, TargetRecord, TargetState } from '../sdk/ports/tasks.ts';
import type { AttemptOutcome, Pace, ProbeResult, TargetEvent, TaskAction, TaskClock } from './action.ts';
import type { Journal } from './journal.ts';
import { backoff, pause } from './pause.ts';
import { isFinal, sentence, sight } from './sight.ts';
import type { EvidenceWatch } from './watch.ts';

export interface TargetContext {
  readonly action: TaskAction;
  readonly strategy: Strategy;
  readonly journal: Journal;
  readonly watch: EvidenceWatch;
  readonly clock: TaskClock;
  readonly pace: Pace;
  /** Aborts when the run is broken; what is in flight ends without a result and is taken over later. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: TargetEvent) => void;
}

interface Confirmation {
  readonly proof: string | undefined;
  /** What the phone itself showed last. */
  readonly seen: ProbeResult | undefined;
}

const SILENT = { code: 'silent', reason: 'It took the command and has stopped answering.' } as const;

/** Brings a claimed target to its next resting place: final, or pending for a later try. */
export async function runTarget(target: TargetRecord, context: TargetContext): Promise<void> {
  await new TargetRun(target, context).run();
}

class TargetRun {
  readonly #context: TargetContext;
  readonly #deviceId: number;
  #attempts: number;
  #mark: number | null;
  #sentAt: number | null;
  /** The same by the monotonic clock, when it was this runner that sent. */
  #sent: number | undefined;
  #via: string | null;
  #silent: boolean;
  readonly #startedAt: number;
  /** Rung when it is time to ask the phone, whatever the pace says. */
  #bell = new AbortController();

  constructor(target: TargetRecord, context: TargetContext) {
    this.#context = context;
    this.#deviceId = target.deviceId;
    this.#attempts = target.attempts;
    this.#mark = target.mark;
    this.#sentAt = target.sentAt;
    this.#via = target.via;
    this.#silent = target.code === 'silent';
    this.#startedAt = target.startedAt ?? context.clock.now();
  }

  async run(): Promise<void> {
    if (this.#sentAt !== null && (await this.#checkEarlier()) === 'settled') return;
    const outcome = await this.#send();
    if (outcome !== undefined) await this.#judge(outcome);
  }

  /**
   * A runner before us may have sent the command: look for its effect before it is repeated. Settled unless the phone
   * shows that it was not done, or doing it twice is harmless.
   */
  async #checkEarlier(): Promise<'settled' | 'send'> {
    const { action, strategy, pace, signal } = this.#context;
    await action.recall?.(this.#deviceId, { accepted: this.#via !== null, silent: this.#silent });
    // Who takes over late still looks once.
    const { proof, seen } = await this.#confirm(pace.probe.longest);
    if (signal.aborted) return 'settled';
    if (proof !== undefined) return this.#succeed(proof, seen);
    if (this.#attempts < strategy.attempts && (action.repeatable || seen?.done === false)) {
      this.#sentAt = null;
      return 'send';
    }
    const begin = this.#via === null ? 'It may have been sent before' : `It took the command over ${this.#via}`;
    return this.#settle('failure', 'unconfirmed', `${begin}, and was not repeated${sight(seen)}.`);
  }

  /** `undefined` when the target was lost to another runner or the run is broken. */
  async #send(): Promise<AttemptOutcome | undefined> {
    const { action, watch, clock, signal } = this.#context;
    this.#mark = await watch.mark();
    this.#attempts += 1;
    this.#via = null;
    this.#silent = false;
    this.#sentAt = clock.now();
    this.#sent = performance.now();
    if (!(await this.#record('running', {}))) return undefined;
    const outcome = await action.attempt(this.#deviceId, signal);
    return signal.aborted ? undefined : outcome;
  }

  async #judge(outcome: AttemptOutcome): Promise<void> {
    switch (outcome.outcome) {
      case 'accepted':
        this.#via = outcome.via;
        if (outcome.evidence !== undefined) {
          await this.#succeed(outcome.evidence);
          return;
        }
        // What must not be repeated: whoever takes over knows then that it was taken.
        if (!this.#context.action.repeatable && !(await this.#record('running', {}))) return;
        await this.#awaitProof(`It took the command over ${outcome.via}`);
        return;
      case 'not-applicable':
        await this.#settle('not-applicable', 'unsupported', outcome.reason);
        return;
      case 'unneeded':
        await this.#settle('skipped', 'unneeded', outcome.reason);
        return;
      case 'later':
        await this.#settle('skipped', 'unreachable', outcome.reason);
        return;
      case 'refused':
        await this.#settle('failure', 'refused', outcome.reason);
        return;
      case 'busy':
        if (this.#waitsForIdle()) await this.#whenIdle(outcome.reason, outcome.retryAfter);
        else await this.#again('skipped', 'busy', outcome.reason, outcome.retryAfter);
        return;
      case 'unreachable':
        if (outcome.sent) await this.#awaitProof(`It did not answer the command (${outcome.reason})`);
        else if (outcome.retry === false) await this.#settle('failure', 'unreachable', outcome.reason);
        else await this.#again('failure', 'unreachable', outcome.reason);
        return;
    }
  }

  async #awaitProof(begin: string): Promise<void> {
    const { strategy, signal } = this.#context;
    const { proof, seen } = await this.#confirm(0);
    if (signal.aborted) return;
    if (proof !== undefined) await this.#succeed(proof, seen);
    else if (isFinal(seen) && seen.code !== undefined) await this.#settle('failure', seen.code, sentence(seen.seen));
    else if (isFinal(seen)) await this.#settle('failure', 'unconfirmed', `${begin}, but ${seen.seen}.`);
    else {
      const waited = `${Math.round(strategy.timeout / 1000)} s`;
      await this.#settle('failure', 'unconfirmed', `${begin}, but was not seen to do it in ${waited}${sight(seen)}.`);
    }
  }

  #waitsForIdle(): boolean {
    const { strategy, pace, clock } = this.#context;
    return strategy.whenIdle === true && clock.now() - this.#startedAt < pace.idle.longest;
  }

  /** It is in a call, and is waited for: that is none of its tries. */
  async #whenIdle(reason: string, wait?: number): Promise<void> {
    const { pace, clock } = this.#context;
    this.#sentAt = null;
    this.#attempts -= 1;
    await this.#record('pending', { code: 'busy', reason, notBefore: clock.now() + (wait ?? pace.idle.again) });
  }

  /** Nothing was done: a later try, or the end. */
  async #again(last: 'skipped' | 'failure', code: ReasonCode, reason: string, wait?: number): Promise<void> {
    const { strategy, pace, clock } = this.#context;
    this.#sentAt = null;
    if (this.#attempts >= strategy.attempts) {
      await this.#settle(last, code, reason);
      return;
    }
    await this.#record('pending', {
      code,
      reason,
      notBefore: clock.now() + (wait ?? backoff(pace.backoff, this.#attempts)),
    });
  }

  async #succeed(evidence: string, seen?: ProbeResult): Promise<'settled'> {
    if (seen?.done === true && seen.more === true) return this.#nextPart(evidence);
    await this.#record('success', { evidence });
    return 'settled';
  }

  /** What follows is sent like something new, with tries and time of its own. */
  async #nextPart(evidence: string): Promise<'settled'> {
    this.#attempts = 0;
    this.#sentAt = null;
    await this.#record('pending', { evidence });
    return 'settled';
  }

  async #settle(state: TargetState, code: ReasonCode, reason: string): Promise<'settled'> {
    await this.#record(state, { code, reason });
    return 'settled';
  }

  /** Waits for evidence above the mark, and asks the phone itself meanwhile, until the time is over. */
  async #confirm(atLeast: number): Promise<Confirmation> {
    const { strategy, clock, signal, watch } = this.#context;
    // Wall time across runners, monotonic time within one: a clock that jumps changes no deadline (F-22).
    const since = this.#sent === undefined ? clock.now() - (this.#sentAt ?? 0) : performance.now() - this.#sent;
    const before = Math.min(Math.max(0, since), strategy.timeout);
    const started = performance.now();
    const end = new AbortController();
    const stop = (): void => end.abort();
    const timer = setTimeout(stop, Math.max(strategy.timeout - before, atLeast));
    signal.addEventListener('abort', stop, { once: true });
    let proof: string | undefined;
    const found = (words: string | undefined): void => {
      if (words === undefined) return;
      proof ??= words;
      stop();
    };
    const seen: { last?: ProbeResult } = {};
    try {
      await Promise.all([
        watch.wait(this.#deviceId, this.#mark ?? 0, (evidence) => this.#look(evidence), end.signal).then(found),
        this.#probe(() => before + performance.now() - started, seen, end.signal).then((words) => {
          if (isFinal(seen.last)) stop();
          found(words);
        }),
      ]);
      // What is in the store counts, however late this process is to read it.
      if (proof === undefined && !signal.aborted && !isFinal(seen.last)) {
        proof = await watch.look(this.#deviceId, this.#mark ?? 0, (evidence) => this.#look(evidence));
      }
      return { proof, seen: seen.last };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  #look(evidence: Evidence): string | undefined {
    const { action } = this.#context;
    // It waited for a locked or full store, and so stands above marks that were noted after it.
    if (evidence.detail['kept'] === true && evidence.at < (this.#sentAt ?? 0)) return undefined;
    const words = action.proof(evidence);
    if (words === undefined && action.suggests?.(evidence) === true) this.#bell.abort();
    return words;
  }

  async #probe(elapsed: () => number, seen: { last?: ProbeResult }, signal: AbortSignal): Promise<string | undefined> {
    const { action, pace } = this.#context;
    if (action.probe === undefined) return undefined;
    const first = Math.min(action.firstLook ?? pace.probe.first, pace.probe.first);
    let wait = Math.max(0, first - elapsed());
    for (;;) {
      await pause(wait, AbortSignal.any([signal, this.#bell.signal]));
      if (signal.aborted) return undefined;
      if (this.#bell.signal.aborted) this.#bell = new AbortController();
      const result = await action.probe(this.#deviceId, elapsed(), signal);
      if (signal.aborted && result.done === undefined) return undefined;
      seen.last = result;
      if (result.done === true) return result.evidence;
      if (isFinal(result)) return undefined;
      if (result.done === undefined && result.stop === true) return undefined;
      if (result.done === undefined && result.silent === true && !this.#silent) {
        this.#silent = true;
        if (!(await this.#record('running', SILENT))) return undefined;
      }
      wait = Math.min(Math.max(wait * 1.5, first), pace.probe.longest);
    }
  }

  /** Writes a step; false when another runner holds the target by now. */
  async #record(
    state: TargetState,
    step: Partial<Pick<TargetChange, 'code' | 'reason' | 'evidence' | 'notBefore'>>,
  ): Promise<boolean> {
    const { action, journal, clock, onEvent } = this.#context;
    // Before it is at rest: who dies in between leaves a target behind that is looked at again.
    if (state !== 'running' && state !== 'success' && step.evidence === undefined) {
      await action.withdraw?.(this.#deviceId, state);
    }
    const change: TargetChange = {
      deviceId: this.#deviceId,
      state,
      attempts: this.#attempts,
      code: step.code ?? null,
      reason: step.reason ?? null,
      evidence: step.evidence ?? null,
      via: this.#via,
      mark: this.#mark,
      sentAt: this.#sentAt,
      notBefore: step.notBefore ?? null,
      at: clock.now(),
    };
    const held = await journal.record(change);
    if (held) onEvent(change);
    return held;
  }
}
