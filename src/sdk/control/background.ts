/**
 * Runs the tasks whose time has come, and those that nobody looks after: made with --no-wait, or left by a process that
 * died. Part of `serve`.
 */
import { buryTheDead } from '../../tasks/owner.ts';
import { pause } from '../../tasks/pause.ts';
import { startDue } from '../tasks/due.ts';
import { stopWithoutRights } from '../tasks/rights-watch.ts';
import type { ControlContext } from './phone.ts';
import { executeTask } from './run.ts';

/** How often it is looked for such tasks, and how soon for one whose time is known. Milliseconds. */
const EVERY = 2000;
const SOON = 50;
/** The same trouble is told so often. Milliseconds. */
const TOLD_AGAIN = 600_000;

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
  const tell = nowAndThen(onTrouble);
  while (!signal.aborted) {
    await begin(context, tell);
    for (const { id } of await orphans(context, tell)) {
      if (running.has(id)) continue;
      const run = drain(executeTask(context, id, signal, { abandon: signal }))
        .catch((error: unknown) => tell(`Task ${id} stopped and is tried again by itself: ${messageOf(error)}`))
        .finally(() => running.delete(id));
      running.set(id, run);
    }
    await pause(await untilNext(context, tell), signal);
  }
  await Promise.all(running.values());
}

/** A store that stays full for a night fills no log. */
function nowAndThen(onTrouble: (message: string) => void): (message: string) => void {
  const told = new Map<string, number>();
  return (message) => {
    const now = performance.now();
    if (now - (told.get(message) ?? Number.NEGATIVE_INFINITY) < TOLD_AGAIN) return;
    told.set(message, now);
    onTrouble(message);
  };
}

async function begin(context: ControlContext, onTrouble: (message: string) => void): Promise<void> {
  try {
    await stopWithoutRights(context);
    await startDue(context);
  } catch (error) {
    onTrouble(`Tasks that are due cannot be begun: ${messageOf(error)}`);
  }
}

/** A task begins at its time, not at the next look; a clock that jumps is seen by the looks between. */
async function untilNext({ store, clock }: ControlContext, onTrouble: (message: string) => void): Promise<number> {
  try {
    const next = await store.read.tasks.nextDue();
    return next === undefined ? EVERY : Math.min(EVERY, Math.max(SOON, next - clock.now()));
  } catch (error) {
    onTrouble(`Tasks cannot be looked for: ${messageOf(error)}`);
    return EVERY;
  }
}

async function orphans(
  { store, clock }: ControlContext,
  onTrouble: (message: string) => void,
): Promise<readonly { readonly id: number }[]> {
  try {
    await buryTheDead(store);
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
