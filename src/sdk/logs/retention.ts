/** How long the operation log is kept: whole weeks, or for ever, which it is until somebody says otherwise (LOG-05). */
import { pause } from '../../tasks/pause.ts';
import type { OperationContext } from '../context.ts';
import type { LogPruned } from './logs.ts';
import { removeWeeks } from './logs.ts';

const SETTING = 'log.weeks';
const EVERY = 3_600_000;

export interface LogRetention {
  /** Weeks that stay, the present one included; null for all. */
  readonly weeks: number | null;
}

export async function showRetention({ read }: Pick<OperationContext, 'read'>): Promise<LogRetention> {
  return { weeks: (await read.settings.get<number>(SETTING)) ?? null };
}

/** From now on `serve` removes what is older; null ends that. */
export async function setRetention(
  context: OperationContext,
  { weeks, dryRun }: { readonly weeks: number | null; readonly dryRun: boolean },
): Promise<LogRetention> {
  if (dryRun) return { weeks };
  return await context.write(async ({ settings }) => {
    if (weeks === null) await settings.delete(SETTING);
    else await settings.set(SETTING, weeks);
    return [{ weeks }, { object: 'log', result: 'done', details: { weeks } }];
  });
}

type Context = Pick<OperationContext, 'store' | 'clock'>;

/** Removes what the retention says; what was removed is recorded where the log goes on. */
export async function pruneByRetention({ store, clock }: Context): Promise<LogPruned | undefined> {
  const weeks = await store.read.settings.get<number>(SETTING);
  if (weeks === undefined) return undefined;
  const now = clock.now();
  return await store.transaction(async (repositories) => {
    const pruned = await removeWeeks(repositories, now, weeks);
    if (pruned.removed === 0) return undefined;
    await repositories.log.append({
      operation: 'log.prune',
      object: 'log',
      result: 'done',
      details: { ...pruned, weeks },
      actor: 'retention',
      actorKind: 'system',
      source: 'schedule',
      at: now,
    });
    return pruned;
  });
}

/** Does so every hour until the signal aborts; part of `serve`. What goes wrong is told, and tried again. */
export async function keepPruningLog(
  context: Context,
  signal: AbortSignal,
  onTrouble: (message: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    await pruneByRetention(context).catch((error: unknown) => {
      onTrouble(`The log could not be shortened: ${error instanceof Error ? error.message : String(error)}`);
    });
    await pause(EVERY, signal);
  }
}
