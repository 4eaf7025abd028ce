/** Waiting that ends early: by a signal, or because something happened. */

/** Resolves after the time or when the signal aborts, whichever is first. Never rejects. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || milliseconds <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end, { once: true });
  });
}

/**
 * Pause before the next try: doubles with every attempt up to five minutes, and is spread over its upper half so that
 * phones which failed together do not come back together. `random` is in [0, 1).
 */
export function backoff(base: number, attempts: number, random: number = Math.random()): number {
  const full = Math.min(base * 2 ** Math.max(0, attempts - 1), 300_000);
  return Math.round(full / 2 + (full / 2) * random);
}
