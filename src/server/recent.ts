/** Remembers for a while what was seen, up to so many: for things that are worth saying once in ten minutes. */
export class Recent {
  readonly #seen = new Map<string, number>();
  readonly #most: number;
  readonly #lifetime: number;

  constructor(most: number, lifetime: number) {
    this.#most = most;
    this.#lifetime = lifetime;
  }

  /** Whether it was seen within the lifetime (milliseconds); if not, it is seen now. */
  has(key: string, now: number): boolean {
    const at = this.#seen.get(key);
    if (at !== undefined && now - at < this.#lifetime) return true;
    this.#seen.delete(key);
    this.#seen.set(key, now);
    if (this.#seen.size > this.#most) {
      const [oldest] = this.#seen.keys();
      if (oldest !== undefined) this.#seen.delete(oldest);
    }
    return false;
  }
}
