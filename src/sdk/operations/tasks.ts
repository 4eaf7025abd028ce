/** Tasks as operations: what was done to devices, by whom, with what result; and steering it. */
import {
  array,
  boolean,
  exactOptional,
  integer,
  maxValue,
  minLength,
  minValue,
  number,
  optional,
  picklist,
  pipe,
  strictObject,
  string,
} from 'valibot';
import type { DeviceSelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import type { ControlEvent } from '../control/run.ts';
import { selectorSchema } from '../devices/fields.ts';
import { dryRunField, nameField, referenceField } from '../fields.ts';
import { operation, streamOperation } from '../operation.ts';
import { type ChangedTask, cancelTask, deleteTask, editTask, endTask, pauseTask, resumeTask } from '../tasks/change.ts';
import { scheduleFields, strategyFields, toStrategy } from '../tasks/fields.ts';
import {
  listTasks,
  showTask,
  type TaskDetails,
  type TaskSnapshot,
  type TaskSummary,
  watchTask,
} from '../tasks/read.ts';
import { retryTask, runRest, runTaskNow } from '../tasks/run.ts';

export type { TaskDetails, TaskSnapshot, TaskSummary } from '../tasks/read.ts';

export const taskId = pipe(number(), integer(), minValue(1, 'is not a task number'));
const moment = pipe(number(), integer());
const one = strictObject({ task: taskId, ...dryRunField });
const wait = optional(boolean(), true);

/** What a list of tasks may be narrowed to. */
export const taskQuery = {
  search: exactOptional(string()),
  type: exactOptional(string()),
  state: exactOptional(
    picklist(['scheduled', 'executing', 'paused', 'done', 'halted', 'missed', 'ended', 'cancelled']),
  ),
  /** Milliseconds since the epoch. */
  since: exactOptional(moment),
  until: exactOptional(moment),
  limit: exactOptional(pipe(number(), integer(), minValue(0))),
};

/** What may be edited of a task before it begins. */
export const editFields = {
  task: taskId,
  name: exactOptional(nameField),
  selector: exactOptional(selectorSchema),
  ...strategyFields,
  ...scheduleFields,
  ...dryRunField,
};

export const tasks = {
  list: streamOperation({
    summary: 'Lists the tasks, newest first.',
    permission: 'task:read',
    effect: 'read',
    input: strictObject(taskQuery),
    run: (context: OperationContext, query): AsyncGenerator<TaskSummary> => listTasks(context, query),
  }),

  show: operation({
    summary: 'Shows a task with the result of each device.',
    permission: 'task:read',
    effect: 'read',
    input: strictObject({ task: taskId }),
    run: (context: OperationContext, { task }): Promise<TaskDetails> => showTask(context, task),
  }),

  watch: streamOperation({
    summary: 'Tells how a task goes on, until it stands still.',
    permission: 'task:read',
    effect: 'read',
    input: strictObject({
      task: taskId,
      /** Milliseconds between two looks. */
      interval: optional(pipe(number(), minValue(100), maxValue(60_000)), 1000),
      /** Ends after so many changes; without, when the task stands still. */
      limit: exactOptional(pipe(number(), integer(), minValue(1))),
    }),
    run: (context: OperationContext, input): AsyncGenerator<TaskSnapshot> => watchTask(context, input),
  }),

  retry: streamOperation({
    summary: 'Runs a task again for the devices that failed.',
    permission: 'task:run',
    effect: 'disruptive',
    input: strictObject({
      task: taskId,
      /** Only these of the failed ones. */
      devices: exactOptional(pipe(array(referenceField), minLength(1))),
      wait,
      dryRun: optional(boolean()),
    }),
    run: (context: OperationContext, input): AsyncGenerator<ControlEvent> => retryTask(context, input),
  }),

  run: streamOperation({
    summary: 'Runs a task now that waits for its time, or what is left of one.',
    permission: 'task:run',
    effect: 'disruptive',
    input: strictObject({ task: taskId, wait }),
    run: (context: OperationContext, input): AsyncGenerator<ControlEvent> => runTaskNow(context, input),
  }),

  resume: streamOperation({
    summary: 'Lets a task go on that was paused or stopped itself.',
    permission: 'task:run',
    effect: 'disruptive',
    input: strictObject({ task: taskId, maxFailures: strategyFields.maxFailures, wait }),
    async *run(context: OperationContext, input): AsyncGenerator<ControlEvent> {
      const { task, maxFailures } = input;
      const { state } = await resumeTask(context, { task, ...(maxFailures !== undefined && { maxFailures }) });
      yield* runRest(context, task, input.wait && state === 'executing');
    },
  }),

  pause: operation({
    summary: 'Stops beginning further devices; what is in flight is finished.',
    permission: 'task:run',
    effect: 'write',
    input: one,
    run: (context: OperationContext, input): Promise<ChangedTask> => pauseTask(context, input),
  }),

  end: operation({
    summary: 'Ends a task: what is in flight is finished, the rest is left out, and it never runs again.',
    permission: 'task:run',
    effect: 'write',
    input: one,
    run: (context: OperationContext, input): Promise<ChangedTask> => endTask(context, input),
  }),

  cancel: operation({
    summary: 'Cancels a task that has not begun.',
    permission: 'task:run',
    effect: 'write',
    input: one,
    run: (context: OperationContext, input): Promise<ChangedTask> => cancelTask(context, input),
  }),

  delete: operation({
    summary: 'Deletes a task with its results; never one in progress.',
    permission: 'task:delete',
    effect: 'destructive',
    input: one,
    run: (context: OperationContext, input): Promise<ChangedTask> => deleteTask(context, input),
  }),

  edit: operation({
    summary: 'Changes a task that has not begun.',
    permission: 'task:edit',
    effect: 'write',
    input: strictObject(editFields),
    run: (context: OperationContext, input): Promise<ChangedTask> => editTask(context, toEdit(input)),
  }),
};

type EditInput = Parameters<typeof toStrategy>[0] &
  Omit<Parameters<typeof editTask>[1], 'strategy' | 'selector'> & { readonly selector?: unknown };

/** The input as the handler takes it. */
export function toEdit({ selector, ...input }: EditInput): Parameters<typeof editTask>[1] {
  return {
    ...input,
    ...(selector !== undefined && { selector: selector as DeviceSelector }),
    strategy: toStrategy(input),
  };
}
