/** How long a phone may hold a place that others wait for. Pure. */

/** So many phones must have done it before it is known how long it takes. */
const SAMPLE = 10;
/** Of the newest ones. */
const REMEMBERED = 100;
/** So many times as long as half of the others. */
const FACTOR = 2;

/**
 * A phone that hangs is waited for until its time is over, which is many times what the others need. From twice their
 * time on it holds no place any more: a few that hang must not hold up the rest (security.md F-24).
 */
export class Patience {
  readonly #durations: number[] = [];

  /** A phone did it in this many milliseconds. */
  note(duration: number): void {
    this.#durations.push(duration);
    if (this.#durations.length > REMEMBERED) this.#durations.shift();
  }

  /** How many of these phones, worked on for so many milliseconds each, hold no place; never more than `most`. */
  lost(ages: Iterable<number>, most: number): number {
    if (this.#durations.length < SAMPLE) return 0;
    const sorted = this.#durations.toSorted((a, b) => a - b);
    const limit = FACTOR * (sorted[Math.floor(sorted.length / 2)] ?? 0);
    let lost = 0;
    for (const age of ages) if (age > limit) lost += 1;
    return Math.min(lost, most);
  }
}
