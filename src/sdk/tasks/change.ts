/** What people do to tasks: pause, resume, end, cancel, edit, delete (TASK-13..15, 25, 27, 28, 31). */
import { type DeviceSelector, isEmptySelector } from '../../domain/selector.ts';
import { tooManyFailures } from '../../tasks/strategy.ts';
import type { OperationContext } from '../context.ts';
import { existing } from '../control/run.ts';
import { filterOf, within } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import type { Repositories } from '../ports/store.ts';
import type { Amount, Strategy, TaskEdit, TaskRecord } from '../ports/tasks.ts';
import { writeOrRehearse } from '../rehearse.ts';
import { officeHourWarnings } from './office-hours.ts';
import { type TaskSummary, toSummary } from './read.ts';
import { holderOf, requireRight } from './rights.ts';
import { nextOccurrence, type ScheduleInput, toSchedule } from './schedule.ts';
import { chosenDevices } from './targets.ts';

/** A change and what it means, in words. */
export interface ChangedTask extends TaskSummary {
  readonly message: string;
  /** What speaks against the new times (TASK-32). */
  readonly warnings?: readonly string[];
}

interface Change {
  readonly task: number;
  readonly dryRun?: boolean | undefined;
}

/** Decides and writes in one transaction: between a look and a write another process could act. */
async function change(
  context: OperationContext,
  { task: id, dryRun }: Change,
  work: (task: TaskRecord, repositories: Repositories) => Promise<string>,
): Promise<ChangedTask> {
  return writeOrRehearse(context, dryRun, async (repositories) => {
    const task = await existing(context, id, repositories.tasks);
    context.checkVersion(task.version);
    const message = await work(task, repositories);
    const after = (await repositories.tasks.get(id)) ?? { ...task, nextAt: null };
    return [
      { ...toSummary(after), message },
      { object: `task:${id}`, result: 'done', details: { name: task.name } },
    ];
  });
}

export function repeats({ schedule }: TaskRecord): boolean {
  return schedule.kind === 'repeat';
}

/** Nothing else is started; what is in flight is finished. A timer leaves its times out until it is resumed. */
export function pauseTask(context: OperationContext, input: Change): Promise<ChangedTask> {
  return change(context, input, async (task, { tasks }) => {
    const { id, state, runId } = task;
    const now = context.clock.now();
    if (state === 'scheduled' || (repeats(task) && state === 'executing')) {
      await tasks.setTaskState(id, 'paused', now);
      return state === 'executing'
        ? 'The run in progress goes on; no further time is run.'
        : 'It is not run at its time.';
    }
    if (state !== 'executing' || runId === null) throw refused(task, 'paused');
    await tasks.setRunState(runId, 'paused', now, `Paused by ${context.actor.name}.`);
    return 'What is in flight is finished, and nothing else is begun.';
  });
}

export interface Resume extends Change {
  /** A higher limit for a task that was halted by its old one. */
  readonly maxFailures?: Amount;
}

/** Makes it go on, without running it: that is for whoever runs tasks. */
export function resumeTask(context: OperationContext, input: Resume): Promise<ChangedTask> {
  return change(context, input, async (task, { tasks }) => {
    const { id, state, runId, schedule } = task;
    requireRight(context, task.type);
    const now = context.clock.now();
    if (state === 'paused' && (repeats(task) || runId === null)) {
      await tasks.setTaskState(id, 'scheduled', now);
      // Times that passed meanwhile were meant to be left out.
      const next = await nextOccurrence(schedule, now);
      if (next !== undefined) await tasks.plan(id, task.nextAt, next, now);
      return 'It is run at its times again.';
    }
    if ((state !== 'paused' && state !== 'halted') || runId === null) throw refused(task, 'resumed');
    const strategy = { ...task.strategy, ...(input.maxFailures !== undefined && { maxFailures: input.maxFailures }) };
    if (state === 'halted') checkLimit(task, strategy, input.maxFailures !== undefined);
    if (input.maxFailures !== undefined) await tasks.edit(id, { strategy }, now);
    await tasks.handOver(runId, holderOf(context));
    await tasks.setRunState(runId, 'executing', now);
    return `${task.counters.inProgress} devices are left.`;
  });
}

/** A run that was halted would halt again at once: failures are never forgotten. */
function checkLimit(task: TaskRecord, strategy: Strategy, raised: boolean): void {
  const { id, counters } = task;
  const reason = raised ? tooManyFailures(strategy, counters) : (task.reason ?? undefined);
  if (reason === undefined) return;
  throw new PhonectlError('conflict', `Task ${id} stopped itself: ${reason}`, {
    hints: [
      `See why with \`phonectl task show ${id}\`.`,
      `Go on all the same with a higher limit: \`phonectl task resume ${id} --max-failures 50%\`.`,
    ],
    details: { task: id, counters },
  });
}

/** It never begins again: what is in flight is finished, the rest is left out (TASK-15). */
export function endTask(context: OperationContext, input: Change): Promise<ChangedTask> {
  return change(context, input, async (task, { tasks }) => {
    const { id, state, runId } = task;
    const now = context.clock.now();
    if (repeats(task) || runId === null) {
      if (state === 'ended' || state === 'cancelled') throw refused(task, 'ended');
      await tasks.setTaskState(id, 'ended', now);
      return state === 'executing'
        ? 'The run in progress is finished; it is never run again.'
        : 'It is never run again.';
    }
    if (state !== 'executing' && state !== 'paused' && state !== 'halted') throw refused(task, 'ended');
    const left = await tasks.skipPending(runId, `Ended by ${context.actor.name}.`, now);
    const { counters } = await tasks.progress(runId, now);
    // Somebody still has to look after what may have been sent.
    await tasks.setRunState(runId, counters.inProgress === 0 ? 'done' : 'executing', now);
    const flying = counters.inProgress === 0 ? '' : `; ${counters.inProgress} in flight are finished`;
    return `${left} devices are left out${flying}.`;
  });
}

/** TASK-31: for what has not begun. */
export function cancelTask(context: OperationContext, input: Change): Promise<ChangedTask> {
  return change(context, input, async (task, { tasks }) => {
    const { id, runId, state } = task;
    if (runId !== null) throw refused(task, 'cancelled', `Stop it with \`phonectl task end ${id}\`.`);
    if (state === 'cancelled' || state === 'ended') throw refused(task, 'cancelled');
    await tasks.setTaskState(id, 'cancelled', context.clock.now());
    return `It is not run.${atNextPoll(task)}`;
  });
}

/** TASK-27: never one in progress. */
export function deleteTask(context: OperationContext, input: Change): Promise<ChangedTask> {
  return change(context, input, async (task, { tasks }) => {
    const { id, state, runId, runState, counters } = task;
    const unfinished = runState === 'paused' && counters.inProgress > 0;
    if (state === 'executing' || unfinished)
      throw refused(task, 'deleted', `End it first: \`phonectl task end ${id}\`.`);
    await tasks.delete(id);
    return `Deleted.${runId === null ? atNextPoll(task) : ''}`;
  });
}

/** TASK-28. */
function atNextPoll({ type }: TaskRecord): string {
  return type === 'config-push' || type === 'check-sync' ? ' The phones get what is waiting at their next poll.' : '';
}

export interface Edit extends Change, ScheduleInput {
  readonly name?: string;
  readonly selector?: DeviceSelector;
  readonly content?: Readonly<Record<string, unknown>>;
  readonly strategy: Partial<Strategy>;
}

/** TASK-13, TASK-25: only before it has begun, or of a timer between two runs. */
export async function editTask(context: OperationContext, input: Edit): Promise<ChangedTask> {
  let warnings: readonly string[] = [];
  const changed = await change(context, input, async (task, repositories) => {
    const { id, state, runId } = task;
    const waiting = state === 'scheduled' || state === 'paused';
    if (!waiting || (runId !== null && !repeats(task))) throw refused(task, 'edited');
    const now = context.clock.now();
    const schedule = await editedSchedule(task, input, now);
    const { name, selector, content, strategy } = input;
    if (selector !== undefined) {
      if (isEmptySelector(selector)) throw new PhonectlError('usage', 'No device was selected.');
      await filterOf(within(context, repositories), selector);
    }
    const edit: TaskEdit = {
      ...(name !== undefined && { name }),
      ...(selector !== undefined && { selector: { ...selector } }),
      ...(content !== undefined && { content: { ...task.content, ...content } }),
      ...(Object.keys(strategy).length > 0 && { strategy: { ...task.strategy, ...strategy } }),
      ...(schedule !== undefined && { schedule }),
    };
    if (Object.keys(edit).length === 0) throw new PhonectlError('usage', 'Nothing to change was given.');
    await repositories.tasks.edit(id, edit, now);
    if (schedule !== undefined) await replan(repositories, task, (await nextOccurrence(schedule, now)) ?? null, now);
    warnings = await warningsOf(context, { ...task, ...edit }, now);
    return 'Changed.';
  });
  return { ...changed, ...(warnings.length > 0 && { warnings }) };
}

/** As it is from now on. */
async function warningsOf(
  context: OperationContext,
  { type, schedule, strategy, selector }: Pick<TaskRecord, 'type' | 'schedule' | 'strategy' | 'selector'>,
  now: number,
): Promise<readonly string[]> {
  const devices = await chosenDevices(context, selector as DeviceSelector);
  return officeHourWarnings(context.read, { type, schedule, strategy, devices }, now);
}

async function replan({ tasks }: Repositories, task: TaskRecord, next: number | null, now: number): Promise<void> {
  // Only what is scheduled is planned; a paused one is when it is resumed.
  if (task.state === 'scheduled') await tasks.plan(task.id, task.nextAt, next, now);
}

async function editedSchedule(task: TaskRecord, input: Edit, now: number): Promise<TaskRecord['schedule'] | undefined> {
  const { at, repeat, days, timeZone, missed } = input;
  if ([at, input.in, repeat, days, timeZone, missed].every((value) => value === undefined)) return undefined;
  if (missed !== undefined && [at, input.in, repeat, days, timeZone].every((value) => value === undefined)) {
    return task.schedule.kind === 'now' ? undefined : { ...task.schedule, missed };
  }
  const { schedule } = task;
  const kept = schedule.kind === 'repeat' && timeZone === undefined ? { timeZone: schedule.timeZone } : {};
  const wanted = await toSchedule(
    {
      ...kept,
      ...(at !== undefined && { at }),
      ...(input.in !== undefined && { in: input.in }),
      ...(repeat !== undefined && { repeat }),
      ...(days !== undefined && { days }),
      ...(timeZone !== undefined && { timeZone }),
      missed: missed ?? (schedule.kind === 'now' ? 'run' : schedule.missed),
    },
    now,
  );
  if (schedule.kind === 'repeat' && wanted.kind !== 'repeat') {
    throw new PhonectlError('usage', 'A timer keeps repeating: say the whole rule.', {
      hints: [`For example: \`phonectl timer edit ${task.id} --repeat daily --at 03:00\`.`],
    });
  }
  return wanted;
}

function refused({ id, state }: TaskRecord, verb: string, ...hints: readonly string[]): PhonectlError {
  const words = state === 'executing' ? 'is being executed' : `is ${state}`;
  return new PhonectlError('conflict', `Task ${id} ${words}: it cannot be ${verb}.`, { hints, details: { state } });
}
