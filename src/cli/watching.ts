/** The pause between two looks of `--watch`. */

/** How often rights are looked at meanwhile. Milliseconds. */
const CHECK = 400;

/**
 * Waits `time` milliseconds, or until the signal is aborted. `still` is asked every 0.4 s and ends the wait with what it
 * throws: who watches a server with a key that is revoked hears of it within a second, however long the interval is.
 */
export async function pauseWatching(time: number, signal: AbortSignal, still?: () => Promise<unknown>): Promise<void> {
  const { setTimeout: sleep } = await import('node:timers/promises');
  const end = performance.now() + time;
  for (let left = time; left > 0 && !signal.aborted; left = end - performance.now()) {
    await sleep(still === undefined ? left : Math.min(left, CHECK), undefined, { signal }).catch(ignoreAbort);
    if (still !== undefined && left > CHECK && !signal.aborted) await still();
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
