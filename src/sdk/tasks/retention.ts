/** Results of single devices are kept for a while; what a run was about and how many it did well stay (TASK-20). */
import { pause } from '../../tasks/pause.ts';
import type { OperationContext } from '../context.ts';

const DAY = 86_400_000;
const SETTING = 'tasks.resultDays';
/** Where nobody has said anything else. */
const DEFAULT_DAYS = 90;

export interface TaskSettings {
  /** Days that the results of single devices are kept. */
  readonly resultDays: number;
}

export async function showTaskSettings({ read }: Pick<OperationContext, 'read'>): Promise<TaskSettings> {
  return { resultDays: (await read.settings.get<number>(SETTING)) ?? DEFAULT_DAYS };
}

/** Changes what is named. What is too old by it goes within the hour. */
export async function editTaskSettings(
  context: OperationContext,
  { resultDays, dryRun }: { readonly resultDays?: number | undefined; readonly dryRun?: boolean | undefined },
): Promise<TaskSettings> {
  const before = await showTaskSettings(context);
  const after = { resultDays: resultDays ?? before.resultDays };
  if (dryRun === true) return after;
  return await context.write(async ({ settings }) => {
    await settings.set(SETTING, after.resultDays);
    return [after, { object: 'settings:tasks', result: 'done', details: { ...after } }];
  });
}

type Context = Pick<OperationContext, 'store' | 'clock'>;

/** Removes the results of runs that were over that long ago; returns how many. Runs that could go on keep theirs. */
export async function removeOldResults({ store, clock }: Context): Promise<number> {
  const { resultDays } = await showTaskSettings(store);
  let removed = 0;
  // A run at a time: a timer of thousands of phones must not hold everybody else up.
  for (const runId of await store.read.tasks.runsEndedBefore(clock.now() - resultDays * DAY)) {
    removed += await store.transaction(({ tasks }) => tasks.removeResults(runId));
  }
  return removed;
}

const EVERY = 3_600_000;

/** Does so every hour until the signal aborts; part of `serve`. What goes wrong is told, and tried again. */
export async function keepRemovingOldResults(
  context: Context,
  signal: AbortSignal,
  onTrouble: (message: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    await removeOldResults(context).catch((error: unknown) => {
      onTrouble(`Old results of tasks could not be removed: ${error instanceof Error ? error.message : String(error)}`);
    });
    await pause(EVERY, signal);
  }
}
