/** What the server takes on at a time, so that many callers slow down together and none is starved by another. */

import { formatAddress, parseAddress, prefix } from '../../domain/subnet.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import type { Clock } from '../../sdk/ports/clock.ts';
import type { Limits } from './limits.ts';

const HOUR = 3_600_000;
const MOST_SOURCES = 10_000;

export class Admission {
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #callers = new Map<string, number>();
  readonly #wrong = new Map<string, { since: number; times: number }>();
  #requests = 0;

  constructor(limits: Limits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Takes a request on; the function that comes back lets it go. Throws `busy`. */
  enter(caller: string, stranger: boolean): () => void {
    const most = stranger ? this.#limits.requestsOfStranger : this.#limits.requestsOfCaller;
    const already = this.#callers.get(caller) ?? 0;
    if (this.#requests >= this.#limits.requests) throw busy('The server has too many requests under way.');
    if (already >= most) throw busy(`You have ${already} requests under way, which is the most there can be.`);
    this.#requests += 1;
    this.#callers.set(caller, already + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#requests -= 1;
      const now = (this.#callers.get(caller) ?? 1) - 1;
      if (now > 0) this.#callers.set(caller, now);
      else this.#callers.delete(caller);
    };
  }

  /**
   * Notes wrong credentials. Throws `busy` in place of the refusal when an address shows too many: good ones from there go
   * on, since this is asked only after they were found wrong.
   */
  wrongCredentials(source: string): void {
    const now = this.#clock.monotonic();
    const known = this.#wrong.get(source);
    const current = known !== undefined && now - known.since < HOUR ? known : { since: now, times: 0 };
    current.times += 1;
    if (this.#wrong.size >= MOST_SOURCES) this.#wrong.clear();
    this.#wrong.set(source, current);
    if (current.times <= this.#limits.wrongCredentials) return;
    const seconds = Math.ceil((current.since + HOUR - now) / 1000);
    throw busy('Too many wrong credentials from this address.', seconds);
  }
}

/** Connections of each address, so that one machine alone cannot use up those of all. */
export class Connections {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a connection on; the function that comes back lets it go. `undefined` when there are too many. */
  enter(address: string): (() => void) | undefined {
    const place = placeOf(address);
    const count = this.#counts.get(place) ?? 0;
    if (count >= this.#most) return undefined;
    this.#counts.set(place, count + 1);
    return () => {
      const left = this.#counts.get(place)! - 1;
      if (left > 0) this.#counts.set(place, left);
      else this.#counts.delete(place);
    };
  }
}

/** Whoever has one IPv6 address has the 64 bits behind it, too. */
function placeOf(text: string): string {
  const address = parseAddress(text);
  if (address === undefined || address.version === 4) return text;
  return formatAddress({ version: 6, value: prefix(address, 64) });
}

function busy(message: string, seconds = 1): PhonectlError {
  return new PhonectlError('busy', message, {
    hints: [`Try again in ${seconds} seconds.`],
    details: { retryAfter: seconds },
  });
}
