/**
 * Starts what is due. Any number of processes may do so at once: who writes the run of an occurrence first has it, and
 * nobody runs it again, whatever the clock does meanwhile (security.md F-21).
 */
import type { DeviceSelector } from '../../domain/selector.ts';
import { isPhonectlError, type PhonectlError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Home } from '../ports/home.ts';
import type { Store } from '../ports/store.ts';
import type { NewTarget, TaskRecord } from '../ports/tasks.ts';
import { makerOf, scopeNow } from './rights.ts';
import { nextOccurrence, occurrenceKey } from './schedule.ts';
import { chosenDevices, targetsFor } from './targets.ts';

/** What is this late was missed: nobody was there at its time. Milliseconds. */
export const LATE = 5 * 60_000;

/** Why a task is not begun, and everything else goes on. */
const TOLD: ReadonlySet<string> = new Set(['not_found', 'ambiguous', 'usage', 'conflict', 'forbidden']);

export interface DueContext {
  readonly store: Store;
  readonly home: Home;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

/** Starts every task whose time has come; returns the runs that this process has begun. */
export async function startDue(context: DueContext): Promise<readonly number[]> {
  const { store, clock } = context;
  const begun: number[] = [];
  for (const task of await store.read.tasks.due(clock.now())) {
    const runId = await startOne(context, task);
    if (runId !== undefined) begun.push(runId);
  }
  return begun;
}

async function startOne(context: DueContext, task: TaskRecord): Promise<number | undefined> {
  const { store, clock } = context;
  const now = clock.now();
  const { nextAt, schedule } = task;
  // Planned by a clock that has been set back since: the time is looked for anew.
  if (nextAt === null || nextAt > now) {
    await replan(context, task, now);
    return undefined;
  }
  const missed = now - nextAt > LATE && schedule.kind !== 'now' && schedule.missed === 'skip';
  const { targets, problem } = missed ? { targets: [], problem: undefined } : await select(context, task);
  const following = await nextFree(context, task, now);
  return store.transaction(async ({ tasks, log }) => {
    if (!(await tasks.plan(task.id, nextAt, following, now))) return undefined;
    const reason = missed ? `Nobody was there at ${new Date(nextAt).toISOString()}.` : problem?.message;
    const runId = await tasks.addRun(task.id, {
      occurrence: occurrenceKey(schedule, nextAt),
      dueAt: nextAt,
      at: now,
      targets,
      ...(reason !== undefined && { state: 'missed', reason }),
    });
    if (runId === undefined) return undefined;
    await log.append({
      operation: 'task.start',
      object: `task:${task.id}`,
      result: reason === undefined ? 'done' : 'failed',
      details: {
        due: new Date(nextAt).toISOString(),
        devices: targets.length,
        ...(reason !== undefined && { reason }),
      },
      actor: task.createdBy,
      actorKind: 'system',
      source: 'schedule',
      at: now,
    });
    return reason === undefined ? runId : undefined;
  });
}

/** The devices as they are selected now, with the rights that whoever made the task has now. */
async function select(
  { store, home, clock }: DueContext,
  task: TaskRecord,
): Promise<{ readonly targets: readonly NewTarget[]; readonly problem?: PhonectlError }> {
  try {
    const scope = await scopeNow(store, task, makerOf(task), clock.now());
    const context = { read: store.read, scope, home, clock };
    const devices = await chosenDevices(context, task.selector as DeviceSelector);
    return { targets: await targetsFor(context, devices, task.strategy, { ...task, home }) };
  } catch (error) {
    // A site that it names is gone, or its maker's right: that is told in the task, and the next time may find it again.
    const told = isPhonectlError(error) && TOLD.has(error.code);
    if (told) return { targets: [], problem: error };
    throw error;
  }
}

async function replan(context: DueContext, task: TaskRecord, now: number): Promise<void> {
  const following = await nextFree(context, task, now);
  await context.store.transaction(({ tasks }) => tasks.plan(task.id, task.nextAt, following, now));
}

/** The next time that has not been run yet: a clock that was set back shows some of them twice. */
async function nextFree({ store }: DueContext, { id, schedule }: TaskRecord, now: number): Promise<number | null> {
  let next = await nextOccurrence(schedule, now);
  while (next !== undefined && (await store.read.tasks.hasRun(id, occurrenceKey(schedule, next)))) {
    next = await nextOccurrence(schedule, next);
  }
  return next ?? null;
}
