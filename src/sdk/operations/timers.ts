/** Timers: tasks that repeat (TASK-04..17). */
import {
  boolean,
  exactOptional,
  integer,
  maxValue,
  minValue,
  number,
  picklist,
  pipe,
  strictObject,
  string,
} from 'valibot';
import { RESET_SCOPES } from '../../domain/commands.ts';
import type { DeviceSelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import { selectorSchema } from '../devices/fields.ts';
import { dryRunField, nameField, referenceField, referencesField } from '../fields.ts';
import { operation, streamOperation } from '../operation.ts';
import { type ChangedTask, deleteTask, editTask, endTask, pauseTask, resumeTask } from '../tasks/change.ts';
import { scheduleFields, strategyFields, toStrategy } from '../tasks/fields.ts';
import { listTasks, type TaskDetails, type TaskSummary } from '../tasks/read.ts';
import { addTimer, showTimer, type TimerSummary, timerOf } from '../tasks/timers.ts';
import { messageText } from './commands.ts';
import { editFields, taskId, taskQuery, toEdit } from './tasks.ts';

const one = strictObject({ task: taskId, ...dryRunField });

/** The parameters of the types that a timer can have. */
const contentFields = {
  via: exactOptional(string()),
  force: exactOptional(boolean()),
  plainBasic: exactOptional(boolean()),
};

export const timers = {
  add: operation({
    summary: 'Adds a timer: something that is done to devices again and again.',
    permission: 'task:run',
    effect: 'write',
    input: strictObject({
      name: exactOptional(nameField),
      /** `reboot`, `restart`, `reset`, `dnd`, `message`, `check-sync`, `config-push`, `firmware`, `resource`. */
      type: string(),
      selector: selectorSchema,
      /** Of a dnd. */
      on: exactOptional(boolean()),
      /** Of a message. */
      text: exactOptional(messageText),
      seconds: exactOptional(pipe(number(), integer(), minValue(0), maxValue(86_400))),
      /** Of a reset. */
      scope: exactOptional(picklist(RESET_SCOPES)),
      /** Of a firmware: name or number of an image, or a release. */
      firmware: exactOptional(referenceField),
      /** Of a resource: names or numbers, one of each type. */
      resources: exactOptional(referencesField),
      /** Of both: leaves out devices that it is nothing for, instead of refusing the timer. */
      fitting: exactOptional(boolean()),
      ...contentFields,
      ...strategyFields,
      ...scheduleFields,
      ...dryRunField,
    }),
    run: (context: OperationContext, input): Promise<TimerSummary> =>
      addTimer(context, {
        ...input,
        selector: input.selector as DeviceSelector,
        content: contentOf(input),
        strategy: toStrategy(input),
      }),
  }),

  list: streamOperation({
    summary: 'Lists the timers.',
    permission: 'task:read',
    effect: 'read',
    input: strictObject(taskQuery),
    run: (context: OperationContext, query): AsyncGenerator<TaskSummary> =>
      listTasks(context, { ...query, repeating: true }),
  }),

  show: operation({
    summary: 'Shows a timer, when it runs next, and how its last run went.',
    permission: 'task:read',
    effect: 'read',
    input: strictObject({ task: taskId }),
    run: (context: OperationContext, { task }): Promise<TaskDetails & { readonly next: readonly string[] }> =>
      showTimer(context, task),
  }),

  edit: operation({
    summary: 'Changes a timer between two runs.',
    permission: 'task:edit',
    effect: 'write',
    input: strictObject({ ...editFields, ...contentFields }),
    async run(context: OperationContext, { via, force, plainBasic, ...input }): Promise<ChangedTask> {
      await timerOf(context, input.task);
      const content = contentOf({
        ...(via !== undefined && { via }),
        ...(force !== undefined && { force }),
        ...(plainBasic !== undefined && { plainBasic }),
      });
      return editTask(context, { ...toEdit(input), ...(Object.keys(content).length > 0 && { content }) });
    },
  }),

  pause: operation({
    summary: 'Leaves the times of a timer out until it is resumed.',
    permission: 'task:run',
    effect: 'write',
    input: one,
    run: ofTimer(pauseTask),
  }),

  resume: operation({
    summary: 'Lets a timer run at its times again.',
    permission: 'task:run',
    effect: 'write',
    input: one,
    run: ofTimer(resumeTask),
  }),

  end: operation({
    summary: 'Ends a timer: a run in progress is finished, and it never runs again.',
    permission: 'task:run',
    effect: 'write',
    input: one,
    run: ofTimer(endTask),
  }),

  delete: operation({
    summary: 'Deletes a timer with its results; never one in progress.',
    permission: 'task:delete',
    effect: 'destructive',
    input: one,
    run: ofTimer(deleteTask),
  }),
};

interface ContentInput {
  readonly via?: string;
  readonly force?: boolean;
  readonly plainBasic?: boolean;
}

function contentOf({ via, force, plainBasic }: ContentInput): Record<string, unknown> {
  return {
    ...(via !== undefined && { via }),
    ...(force !== undefined && { force }),
    ...(plainBasic !== undefined && { plainBasic }),
  };
}

/** The same that is done to tasks, of a timer and nothing else. */
function ofTimer<T extends { readonly task: number }>(
  change: (context: OperationContext, input: T) => Promise<ChangedTask>,
) {
  return async (context: OperationContext, input: T): Promise<ChangedTask> => {
    await timerOf(context, input.task);
    return change(context, input);
  };
}
