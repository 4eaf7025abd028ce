/** Runs the tasks that nobody looks after: made with --no-wait, or left by a process that died. Part of `serve`. */
import { pause } from '../../tasks/pause.ts';
import type { ControlContext } from './phone.ts';
import { executeTask } from './run.ts';

/** How often it is looked for such tasks. Milliseconds. */
const EVERY = 2000;

/**
 * Looks after tasks until the signal aborts; what is in flight then is left to the next runner, which checks the phones
 * before it repeats anything. What breaks one task is told to `onTrouble`, and the others go on.
 */
export async function runOrphanedTasks(
  context: ControlContext,
  signal: AbortSignal,
  onTrouble: (message: string) => void,
): Promise<void> {
  const running = new Map<number, Promise<void>>();
  while (!signal.aborted) {
    for (const { id } of await orphans(context, onTrouble)) {
      if (running.has(id)) continue;
      const run = drain(executeTask(context, id, signal, { abandon: signal }))
        .catch((error: unknown) => onTrouble(`Task ${id} stopped: ${messageOf(error)}`))
        .finally(() => running.delete(id));
      running.set(id, run);
    }
    await pause(EVERY, signal);
  }
  await Promise.all(running.values());
}

async function orphans(
  { store, clock }: ControlContext,
  onTrouble: (message: string) => void,
): Promise<readonly { readonly id: number }[]> {
  try {
    return await store.read.tasks.orphaned(clock.now());
  } catch (error) {
    onTrouble(`Tasks cannot be looked for: ${messageOf(error)}`);
    return [];
  }
}

/** The results are in the store; here nobody watches. */
async function drain(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
