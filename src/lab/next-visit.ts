/** When a phone comes to its server next: at its poll, or sooner after a failure. One of the two is planned, never both. */
import type { NextPoll, Target } from './behaviour.ts';
import type { LabError } from './errors.ts';
import { credentialOf } from './http-client.ts';
import type { Scheduler } from './scheduler.ts';

/** What planning needs of the phone. */
export interface Visitor {
  /** A number in 0 … 1 that is always the same for this phone and purpose. */
  fraction(purpose: string): number;
  /** Comes now; false when the phone has no time for it. */
  visit(occasion: 'poll' | 'retry'): boolean;
}

/** Milliseconds (real time) after which a phone looks again whether it has time. */
const BUSY = 50;

export class NextVisit {
  readonly #visitor: Visitor;
  readonly #scheduler: Scheduler;
  #failures = 0;
  #cancel: (() => void) | undefined;

  constructor(visitor: Visitor, scheduler: Scheduler) {
    this.#visitor = visitor;
    this.#scheduler = scheduler;
  }

  cancel(): void {
    this.#cancel?.();
  }

  succeeded(): void {
    this.#failures = 0;
  }

  atPoll(next: NextPoll): void {
    this.cancel();
    if (next === null) return;
    const poll = (): boolean => this.#visitor.visit('poll');
    this.#cancel =
      'seconds' in next
        ? this.#scheduler.after(next.seconds, poll)
        : this.#scheduler.afterReal(next.at.getTime() - Date.now(), poll);
  }

  /** `waits` in phone time, the last one again and again; `perSecond` for a phone that insists, in real time. */
  afterFailure(error: LabError, waits: readonly number[], perSecond: number | undefined): void {
    const wait = waits[Math.min(this.#failures++, waits.length - 1)]!;
    const spread = this.#visitor.fraction(`retry ${this.#failures}`);
    const again = (): void => {
      // The server may ask for less patience than the rest of the boot takes.
      if (!this.#visitor.visit('retry')) this.#cancel = this.#scheduler.afterReal(BUSY, again);
    };
    this.cancel();
    if (perSecond !== undefined) this.#cancel = this.#scheduler.afterReal(1000 / perSecond, again);
    // The server's seconds are real ones, whatever the lab's speed; spread, or all come back at once.
    else if (error.retryAfter !== undefined)
      this.#cancel = this.#scheduler.afterReal(error.retryAfter * 1000 * (1 + spread), again);
    else this.#cancel = this.#scheduler.after(wait * (0.8 + 0.4 * spread), again);
  }
}

export function sameTarget(a: Target, b: Target): boolean {
  return (
    a.url.href === b.url.href &&
    a.credential?.username === b.credential?.username &&
    a.credential?.password === b.credential?.password
  );
}

/** The same place, with a password that is not the phone's. */
export function wrongPasswordFor(mac: string, target: Target): Target {
  const credential = credentialOf(target.url) ?? target.credential ?? { username: mac, password: '' };
  const url = new URL(target.url);
  url.username = '';
  url.password = '';
  return { url, credential: { username: credential.username, password: `${credential.password}-wrong` } };
}
