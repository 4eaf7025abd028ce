/** Spreads starts over time. Monotonic milliseconds come from the caller. */

/** `take(n)` says how many of n may begin now. */
export class Throttle {
  readonly #gap: number;
  #next = Number.POSITIVE_INFINITY;

  /** Starts per second; without, everything may begin at any time. */
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

/** A throttle for each source: phones behind one address share its line, and its router's patience. */
export class SourceThrottle {
  readonly #rate: number | undefined;
  readonly #sources = new Map<string, Throttle>();

  constructor(rate: number | undefined) {
    this.#rate = rate;
  }

  /** Whether one phone of this source may begin now. What has no known source shares its line with nobody. */
  take(source: string | null, now: number): boolean {
    if (this.#rate === undefined || source === null) return true;
    let throttle = this.#sources.get(source);
    if (throttle === undefined) {
      throttle = new Throttle(this.#rate);
      this.#sources.set(source, throttle);
    }
    return throttle.take(1, now) === 1;
  }

  giveBack(source: string | null): void {
    if (source !== null) this.#sources.get(source)?.giveBack(1);
  }
}
