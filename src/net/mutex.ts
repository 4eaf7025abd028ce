/** One at a time per key, first come first served. A phone handles one request at a time (poly.md A.3). */

export class KeyedMutex {
  /** The last one in each key's queue; a key that nobody uses has no entry. */
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs `work` when everybody before it under the same key has finished. Rejects at once when `signal` aborts the wait. */
  async run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const turn = Promise.withResolvers<void>();
    // Who aborts while waiting leaves a place that opens when the one before it does, so that the order holds.
    const tail = before === undefined ? turn.promise : before.then(() => turn.promise);
    this.#tails.set(key, tail);
    try {
      if (before !== undefined) await abortable(before, signal);
      signal.throwIfAborted();
      return await work();
    } finally {
      turn.resolve();
      if (this.#tails.get(key) === tail) void tail.then(() => this.#forget(key, tail));
    }
  }

  /** Keys in use, for tests. */
  get size(): number {
    return this.#tails.size;
  }

  #forget(key: string, tail: Promise<void>): void {
    if (this.#tails.get(key) === tail) this.#tails.delete(key);
  }
}

function abortable(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  void wait.then(() => {
    signal.removeEventListener('abort', abort);
    resolve();
  });
  return promise;
}
