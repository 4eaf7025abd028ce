/** A bandwidth that many transfers share: each takes bytes before it sends them, and waits for its turn. */

/** So much may be sent at once after a quiet time, in seconds of the rate. */
const BURST = 0.25;

export class Bandwidth {
  /** Bytes per second. */
  rate: number;
  readonly #monotonic: () => number;
  /** When everything that was taken so far has gone out, in milliseconds of the monotonic clock. */
  #free: number;

  constructor(rate: number, monotonic: () => number) {
    this.rate = rate;
    this.#monotonic = monotonic;
    this.#free = monotonic();
  }

  /** Resolves when these bytes may be sent: in the order in which they were asked for. */
  async take(bytes: number): Promise<void> {
    const now = this.#monotonic();
    this.#free = Math.max(this.#free, now - BURST * 1000) + (bytes / this.rate) * 1000;
    const wait = this.#free - now;
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
