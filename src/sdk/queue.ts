/** Events from callbacks as a sequence. Bounded: a reader that does not read loses events, not memory. */
export class EventQueue<T> {
  readonly #items: T[] = [];
  readonly #most: number;
  #wake: (() => void) | undefined;
  #ended = false;
  lost = 0;

  constructor(most: number) {
    this.#most = most;
  }

  push(item: T): void {
    if (this.#items.length >= this.#most) {
      this.lost += 1;
      return;
    }
    this.#items.push(item);
    this.#wake?.();
  }

  /** The reader gets what is there, then the end. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      yield* this.#items.splice(0);
      if (this.#items.length > 0) continue;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
