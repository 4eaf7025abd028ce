/**
 * Rights that end while a task runs: a delegation that is taken back or over, a key that is revoked, a role that is narrowed
 * (ENT-11, security.md F-19). What is in flight is finished, and nothing else is begun in that name. Part of `serve`.
 */
import { isPhonectlError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { LogEntry } from '../ports/log.ts';
import type { Repositories, Store } from '../ports/store.ts';
import type { Holder, TaskRecord } from '../ports/tasks.ts';
import { makerOf, scopeNow } from './rights.ts';

interface Context {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
}

/** Looks at every run that is being executed, wherever that is. */
export async function stopWithoutRights(context: Context): Promise<void> {
  for (const task of await context.store.read.tasks.executing()) await look(context, task);
}

async function look({ store, clock }: Context, task: TaskRecord): Promise<void> {
  const { runId } = task;
  const holder = task.holder ?? makerOf(task);
  if (runId === null || (holder.kind !== 'user' && holder.kind !== 'key')) return;
  const now = clock.now();
  try {
    const scope = await scopeNow(store, task, holder, now);
    if (scope === 'all') return;
    const reason = `${holder.name} may not do this at its site any more.`;
    await store.transaction(async (repositories) => {
      const left = await repositories.tasks.skipPending(runId, reason, now, scope);
      if (left > 0) await repositories.log.append(entry('task.end', task, holder, { devices: left, reason }, now));
    });
  } catch (error) {
    if (!isPhonectlError(error) || error.code !== 'forbidden') throw error;
    await store.transaction((repositories) => stop(repositories, task, holder, error.message, now));
  }
}

/** Somebody else may make it go on, in their own name; of a timer the rest is left out, since its next time comes anyway. */
async function stop(
  { tasks, log }: Repositories,
  task: TaskRecord,
  holder: Holder,
  reason: string,
  now: number,
): Promise<void> {
  const { runId, counters, schedule } = task;
  if (runId === null || counters.inProgress === 0) return;
  const repeats = schedule.kind === 'repeat';
  if (repeats && (await tasks.skipPending(runId, reason, now)) === 0) return;
  if (!repeats) await tasks.setRunState(runId, 'paused', now, reason);
  await log.append(entry(repeats ? 'task.end' : 'task.pause', task, holder, { reason }, now));
}

function entry(
  operation: string,
  { id }: TaskRecord,
  { name }: Holder,
  details: Readonly<Record<string, unknown>>,
  at: number,
): LogEntry {
  const who = { actor: name, actorKind: 'system', source: 'schedule' } as const;
  return { operation, object: `task:${id}`, result: 'done', details, ...who, at };
}
