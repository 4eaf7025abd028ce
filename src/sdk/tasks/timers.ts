/** Timers from beginning to end: adding them, and when they run next. */
import type { DeviceSelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import { existing } from '../control/run.ts';
import { PhonectlError } from '../errors.ts';
import type { Strategy, TaskRecord } from '../ports/tasks.ts';
import { repeats } from './change.ts';
import { makeTask, strategyOf } from './make.ts';
import { officeHourWarnings } from './office-hours.ts';
import { showTask, type TaskDetails, type TaskSummary, toSummary } from './read.ts';
import { requireRight } from './rights.ts';
import { nextOccurrence, type ScheduleInput, toSchedule } from './schedule.ts';
import { chosenDevices } from './targets.ts';
import { inputOf, type TimerInput } from './timer-input.ts';

/** What a timer can do (TASK-06). */
const TYPES: readonly string[] = [
  'reboot',
  'restart',
  'reset',
  'dnd',
  'message',
  'check-sync',
  'config-push',
  'firmware',
  'resource',
];

export interface NewTimer extends ScheduleInput, TimerInput {
  readonly name?: string;
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly selector: DeviceSelector;
  readonly strategy: Partial<Strategy>;
  readonly dryRun?: boolean | undefined;
}

export interface TimerSummary extends Omit<TaskSummary, 'id'> {
  /** Absent in a dry run. */
  readonly id?: number;
  /** Devices that are selected now; asked again at each run. */
  readonly devices: number;
  /** ISO 8601: the next times. */
  readonly next: readonly string[];
  /** What speaks against these times (TASK-32). */
  readonly warnings: readonly string[];
}

/** Throws `usage` for a type, a rule or a selection that cannot be. */
export async function addTimer(context: OperationContext, timer: NewTimer): Promise<TimerSummary> {
  const { type, selector } = timer;
  if (!TYPES.includes(type)) {
    throw new PhonectlError('usage', `There are no timers of the type "${type}".`, {
      hints: [`Possible: ${TYPES.join(', ')}.`],
    });
  }
  requireRight(context, type);
  const devices = await chosenDevices(context, selector);
  const input = await inputOf(context, type, timer, devices);
  const content = { ...timer.content, ...(input !== undefined && { input }) };
  const now = context.clock.now();
  const schedule = await toSchedule(timer, now);
  if (schedule.kind !== 'repeat') {
    throw new PhonectlError('usage', 'A timer repeats: say how.', {
      hints: ['For example: --repeat daily --at 03:00.', 'For one time, use --at on the command itself.'],
    });
  }
  const strategy = strategyOf(type, timer.strategy);
  const next = await nextTimes(schedule, now);
  const warnings = await officeHourWarnings(context.read, { type, schedule, strategy, devices }, now);
  const made =
    timer.dryRun === true
      ? undefined
      : await makeTask(context, {
          type,
          content,
          selector,
          strategy,
          schedule,
          devices,
          ...(timer.name !== undefined && { name: timer.name }),
        });
  if (made === undefined) {
    const draft = toSummary(draftOf(context, { ...timer, strategy }, schedule, now, next[0]));
    const { id: _, ...summary } = draft;
    return { ...summary, devices: devices.length, next, warnings };
  }
  return { ...toSummary(await existing(context, made.taskId)), devices: devices.length, next, warnings };
}

function draftOf(
  context: OperationContext,
  timer: NewTimer & { readonly strategy: Strategy },
  schedule: TaskRecord['schedule'],
  now: number,
  next: string | undefined,
): TaskRecord {
  const { name = '', type, content, selector, strategy } = timer;
  const counters = { total: 0, success: 0, failure: 0, notApplicable: 0, skipped: 0, inProgress: 0 };
  const task = { name, type, content, selector: { ...selector }, strategy, schedule, scope: context.scope };
  return {
    ...task,
    id: 0,
    version: 0,
    runId: null,
    runs: 0,
    state: 'scheduled',
    runState: null,
    nextAt: next === undefined ? null : Date.parse(next),
    holder: null,
    reason: null,
    startedAt: null,
    endedAt: null,
    counters,
    createdBy: context.actor.name,
    createdKind: context.actor.kind,
    at: now,
  };
}

/** How many times are told in advance: enough to see whether the rule is the one that was meant. */
const TOLD = 3;

async function nextTimes(schedule: TaskRecord['schedule'], now: number): Promise<readonly string[]> {
  const times: string[] = [];
  let next = await nextOccurrence(schedule, now);
  while (next !== undefined && times.length < TOLD) {
    times.push(new Date(next).toISOString());
    next = await nextOccurrence(schedule, next);
  }
  return times;
}

/** Throws `not_found`, for a task that does not repeat too. */
export async function timerOf(context: OperationContext, id: number): Promise<TaskRecord> {
  const task = await context.read.tasks.get(id, context.scope);
  if (task !== undefined && repeats(task)) return task;
  const why = task === undefined ? `There is no timer ${id}.` : `Task ${id} is no timer.`;
  throw new PhonectlError('not_found', why, { hints: ['List them with `phonectl timer list`.'] });
}

export async function showTimer(
  context: OperationContext,
  id: number,
): Promise<TaskDetails & { readonly next: readonly string[] }> {
  const { schedule, state, nextAt } = await timerOf(context, id);
  const running = nextAt !== null && state !== 'paused';
  return { ...(await showTask(context, id)), next: running ? await nextTimes(schedule, context.clock.now()) : [] };
}
