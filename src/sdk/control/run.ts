/** Control tasks from beginning to end: plan, record, execute, report. */

import type { DeviceSelector } from '../../domain/selector.ts';
import type { TaskAction } from '../../tasks/action.ts';
import { buryTheDead, newRunner } from '../../tasks/owner.ts';
import { runTask } from '../../tasks/runner.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import type { OperationContext } from '../context.ts';
import { isPhonectlError, PhonectlError } from '../errors.ts';
import type { FinalState, NamedTarget, ReasonCode, TaskRecord, TaskRepository, TaskState } from '../ports/tasks.ts';
import { EventQueue } from '../queue.ts';
import type { Execution } from '../tasks/fields.ts';
import { makeTask, strategyOf } from '../tasks/make.ts';
import { officeHourWarnings } from '../tasks/office-hours.ts';
import { describeSchedule } from '../tasks/schedule.ts';
import { chosenDevices, type Placed } from '../tasks/targets.ts';
import { controlAction } from './actions.ts';
import { CONTROL_TYPES, type ControlContent, type ControlType, transportsOf } from './kinds.ts';
import { type ControlContext, deviceLabel, requireSome } from './phone.ts';
import { rehearse } from './rehearse.ts';
import { phoneTransport } from './transport.ts';

/** What became of one device. `pending`: not finished. */
export interface ControlResult {
  /** MAC, else serial number, else id. */
  readonly device: string;
  readonly name: string;
  readonly result: FinalState | 'pending';
  readonly code: ReasonCode | null;
  readonly reason: string | null;
  /** The transport that was used, or in a dry run would be tried first. */
  readonly via: string | null;
  /** What showed that the phone did it. */
  readonly evidence: string | null;
  readonly attempts: number;
}

export interface ControlSummary {
  readonly total: number;
  readonly success: number;
  readonly failure: number;
  readonly notApplicable: number;
  readonly skipped: number;
  readonly pending: number;
}

/** What a control operation tells while it works. */
export type ControlEvent =
  | { readonly type: 'started'; readonly task: number; readonly name: string; readonly total: number }
  | {
      /** It is made, and its time has not come. */
      readonly type: 'scheduled';
      readonly task: number;
      readonly name: string;
      readonly total: number;
      /** ISO 8601: when it is due, or due for the first time. */
      readonly at: string;
      /** The same in words: `every day at 03:00 (Europe/Berlin)`. */
      readonly when: string;
    }
  | { readonly type: 'device'; readonly state: NamedTarget['state']; readonly device: ControlResult }
  | {
      readonly type: 'finished';
      /** Absent in a dry run. */
      readonly task?: number;
      readonly state: TaskState;
      readonly summary: ControlSummary;
      /** Of every device; none where nobody waits for them. */
      readonly results: readonly ControlResult[];
      /** What speaks against the time that was chosen (TASK-32). */
      readonly warnings?: readonly string[];
    };

export type Finished = Extract<ControlEvent, { type: 'finished' }>;

export interface ControlRequest extends ControlContent, Execution {
  readonly selector: DeviceSelector;
  readonly dryRun: boolean;
}

/** Makes a control task and, unless told otherwise, runs it here. Throws `not_found` when the selector selects nothing. */
export async function* runControl(
  context: OperationContext,
  type: ControlType,
  request: ControlRequest,
): AsyncGenerator<ControlEvent> {
  const { schedule, selector, wait } = request;
  const devices = await chosenDevices(context, selector);
  // Who will be selected when the time comes is not known yet.
  if (schedule.kind === 'now') requireSome(devices.length);
  const content: ControlContent = {
    ...(request.via !== undefined && { via: request.via }),
    ...(request.force === true && { force: true }),
    ...(request.plainBasic === true && { plainBasic: true }),
    ...(request.input !== undefined && { input: request.input }),
    ...(request.sealed !== undefined && { sealed: request.sealed }),
  };
  await checkVia(context, type, content, devices);
  const strategy = strategyOf(type, request.strategy);
  checkSkip(type, strategy.skip);
  const planned = { type, schedule, strategy, devices };
  const warnings = await officeHourWarnings(context.read, planned, context.clock.now());
  if (request.dryRun) {
    yield { ...(await rehearse(context, type, content, devices)), ...(warnings.length > 0 && { warnings }) };
    return;
  }
  const runner = newRunner();
  const { taskId, name, nextAt } = await makeTask(context, {
    type,
    content: { ...content },
    selector,
    strategy,
    schedule,
    devices,
    ...(request.name !== undefined && { name: request.name }),
    ...(wait && { runner }),
  });
  if (nextAt !== undefined) {
    const at = new Date(nextAt).toISOString();
    yield { type: 'scheduled', task: taskId, name, total: devices.length, at, when: describeSchedule(schedule) };
    yield { ...(await standing(context, taskId, devices.length)), ...(warnings.length > 0 && { warnings }) };
    return;
  }
  yield { type: 'started', task: taskId, name, total: devices.length };
  if (wait) yield* executeTask(context, taskId, context.signal, { runner });
  else yield await standing(context, taskId);
}

/** Only what a phone fetches by itself can be left to its next poll (TASK-02, TASK-28). */
function checkSkip(type: ControlType, skip: boolean | undefined): void {
  const fetched: readonly ControlType[] = ['check-sync', 'config-push', 'firmware', 'resource'];
  if (skip !== true || fetched.includes(type)) return;
  throw new PhonectlError('usage', `A ${type} cannot be left to the next poll of the phones.`, {
    hints: ['"skip" is for what phones fetch by themselves: their configuration and files.'],
  });
}

/** Sends nothing: what is waiting reaches the phone at its next poll (DEV-57). */
const LEFT_TO_POLL: TaskAction = {
  repeatable: true,
  attempt: async () => ({ outcome: 'later', reason: 'left to its next poll' }),
  proof: () => undefined,
};

/** Runs what is left of a task, here, until it is done or the signal stops it. */
export async function* executeTask(
  context: ControlContext,
  taskId: number,
  signal: AbortSignal,
  options: { readonly runner?: string; readonly abandon?: AbortSignal } = {},
): AsyncGenerator<ControlEvent> {
  const { store } = context;
  const task = await existing(context, taskId);
  const runId = runOf(task);
  await buryTheDead(store);
  const names = new Map<number, NamedTarget>();
  for (const target of await store.read.tasks.targets(runId)) names.set(target.deviceId, target);
  const events = new EventQueue<ControlEvent>(Number.POSITIVE_INFINITY);
  const content = task.content as ControlContent;
  const transport = await phoneTransport(context, content);
  // Whoever stops reading the events stops the run as well.
  const stop = new AbortController();
  const running = runTask({
    ...(options.runner !== undefined && { owner: options.runner }),
    ...(options.abandon !== undefined && { abandon: options.abandon }),
    runId,
    strategy: task.strategy,
    action: actionOf(task, runId, context, transport),
    store,
    clock: context.clock,
    signal: AbortSignal.any([signal, stop.signal]),
    onEvent: (event) => {
      const named = names.get(event.deviceId);
      if (named !== undefined)
        events.push({ type: 'device', state: event.state, device: toResult({ ...named, ...event }) });
    },
  })
    .catch((error: unknown) => {
      throw withWayOn(error, taskId);
    })
    .finally(() => events.end());
  try {
    yield* events;
  } finally {
    stop.abort();
    await running;
  }
  yield await finished(context, taskId);
}

/** What broke a task off, with what to do about the rest of it. */
function withWayOn(error: unknown, task: number): unknown {
  if (!isPhonectlError(error)) return error;
  return new PhonectlError(error.code, error.message, {
    hints: [
      ...error.hints,
      `Phones that were done stay so. A server goes on with the rest by itself; without one: phonectl task run ${task}`,
    ],
    details: { ...error.details, task },
    cause: error,
  });
}

function actionOf(task: TaskRecord, runId: number, context: ControlContext, transport: DeviceTransport): TaskAction {
  const type = controlType(task);
  const skip = task.strategy.skip === true;
  // What is given to each phone is given all the same.
  if (skip && type !== 'firmware' && type !== 'resource') return LEFT_TO_POLL;
  return controlAction(type, task.content as ControlContent, context, transport, { taskId: task.id, runId, skip });
}

/** Where the task stands, with the result of every device, as the last event. */
export async function finished(context: ControlContext, taskId: number): Promise<ControlEvent> {
  const task = await existing(context, taskId);
  const targets = await context.store.read.tasks.targets(runOf(task));
  return {
    type: 'finished',
    task: taskId,
    state: task.state,
    summary: summaryOf(task),
    results: targets.map(toResult),
  };
}

/** Where the task stands, for those who do not wait; before its first run `devices` are what it would be about now. */
export async function standing(context: ControlContext, taskId: number, devices = 0): Promise<Finished> {
  const task = await existing(context, taskId);
  const summary = task.runId === null ? { ...summaryOf(task), total: devices, pending: devices } : summaryOf(task);
  return { type: 'finished', task: taskId, state: task.state, summary, results: [] };
}

export function summaryOf({ counters }: TaskRecord): ControlSummary {
  const { inProgress, ...rest } = counters;
  return { ...rest, pending: inProgress };
}

/** The newest run. Throws `conflict` when the task has never run. */
export function runOf({ id, runId }: TaskRecord): number {
  if (runId !== null) return runId;
  throw new PhonectlError('conflict', `Task ${id} has not run yet.`, {
    hints: [`Run it now with \`phonectl task run ${id}\`.`],
  });
}

/** A task by id. Throws `not_found`. */
export async function existing(
  { store, scope }: Pick<ControlContext, 'store' | 'scope'>,
  taskId: number,
  tasks: TaskRepository = store.read.tasks,
): Promise<TaskRecord> {
  const task = await tasks.get(taskId, scope);
  if (task !== undefined) return task;
  throw new PhonectlError('not_found', `There is no task ${taskId}.`, {
    hints: ['List them with `phonectl task list`.'],
  });
}

function controlType({ id, type }: TaskRecord): ControlType {
  const known = CONTROL_TYPES.find((each) => each === type);
  if (known !== undefined) return known;
  throw new PhonectlError('conflict', `Task ${id} is of the type ${type}, which this phonectl cannot run.`);
}

/** A target as results show it. */
export function toResult(target: NamedTarget): ControlResult {
  const { state } = target;
  return {
    device: deviceLabel(target, target.deviceId),
    name: target.name ?? '',
    result: state === 'leased' || state === 'running' ? 'pending' : state,
    code: target.code,
    reason: target.reason,
    via: target.via,
    evidence: target.evidence,
    attempts: target.attempts,
  };
}

/** Refuses a transport that no selected vendor has; others say "not applicable" phone by phone. */
async function checkVia(
  context: ControlContext,
  type: ControlType,
  { via }: ControlContent,
  devices: readonly Placed[],
): Promise<void> {
  if (via === undefined) return;
  const known = new Set<string>();
  const { allDrivers } = await import('../../vendors/registry.ts');
  for (const driver of await allDrivers(context.home)) {
    for (const transport of transportsOf(type, driver)) known.add(transport);
  }
  if (known.has(via) || devices.length === 0) return;
  throw new PhonectlError('usage', `There is no way "${via}" to ${type} a phone.`, {
    hints: [`Possible: ${[...known].sort().join(', ')}.`],
  });
}
