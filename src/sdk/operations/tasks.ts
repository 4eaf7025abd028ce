/** Tasks as operations: what was done to devices, by whom, with what result; and doing the rest of it. */
import {
  boolean,
  exactOptional,
  integer,
  minValue,
  number,
  optional,
  picklist,
  pipe,
  strictObject,
  string,
} from 'valibot';
import { newRunner, PACE } from '../../tasks/action.ts';
import type { OperationContext } from '../context.ts';
import { type ControlEvent, type ControlResult, executeTask, existing, finished, toResult } from '../control/run.ts';
import { PhonectlError } from '../errors.ts';
import { operation, streamOperation } from '../operation.ts';
import type { NamedTarget, TaskCounters, TaskRecord } from '../ports/tasks.ts';

/** A task as lists show it (TASK-21). Times are ISO 8601. */
export interface TaskSummary {
  readonly id: number;
  readonly name: string;
  /** `reboot`, `check-sync`, … */
  readonly type: string;
  /** TASK-22: of the newest run. */
  readonly state: TaskRecord['state'];
  readonly reason: string | null;
  /** TASK-24. */
  readonly counters: TaskCounters;
  readonly runs: number;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** TASK-18, TASK-26: one result per device, with the reason where something went wrong. */
export interface TaskDetails extends TaskSummary {
  readonly content: Readonly<Record<string, unknown>>;
  readonly selector: Readonly<Record<string, unknown>>;
  readonly strategy: TaskRecord['strategy'];
  readonly results: readonly ControlResult[];
}

const taskId = pipe(number(), integer(), minValue(1, 'is not a task number'));
const moment = pipe(number(), integer());

export const tasks = {
  list: streamOperation({
    summary: 'Lists the tasks, newest first.',
    permission: 'task:read',
    effect: 'read',
    input: strictObject({
      search: exactOptional(string()),
      type: exactOptional(string()),
      state: exactOptional(picklist(['scheduled', 'executing', 'paused', 'done', 'halted'])),
      /** Milliseconds since the epoch. */
      since: exactOptional(moment),
      until: exactOptional(moment),
      limit: exactOptional(pipe(number(), integer(), minValue(0))),
    }),
    async *run(context: OperationContext, query): AsyncGenerator<TaskSummary> {
      for (const task of await context.read.tasks.list({ ...query, scope: context.scope })) yield toSummary(task);
    },
  }),

  show: operation({
    summary: 'Shows a task with the result of each device.',
    permission: 'task:read',
    effect: 'read',
    input: strictObject({ task: taskId }),
    async run(context: OperationContext, { task: id }): Promise<TaskDetails> {
      return details(context, await existing(context, id));
    },
  }),

  retry: streamOperation({
    summary: 'Runs a task again for the devices that failed.',
    permission: 'task:run',
    effect: 'disruptive',
    input: strictObject({ task: taskId, wait: optional(boolean(), true), dryRun: optional(boolean()) }),
    async *run(context: OperationContext, { task: id, wait, dryRun }): AsyncGenerator<ControlEvent> {
      const failed = await retryable(context, id);
      if (dryRun === true) {
        yield planned(failed.targets);
        return;
      }
      const runner = newRunner();
      const now = context.clock.now();
      await context.write(async (repositories) => {
        const holder = wait ? { owner: runner, now, until: now + PACE.lease } : undefined;
        await repositories.tasks.addRun(id, failed.deviceIds, now, holder);
        return [undefined, { object: `task:${id}`, result: 'done', details: { devices: failed.deviceIds.length } }];
      });
      yield { type: 'started', task: id, name: failed.task.name, total: failed.deviceIds.length };
      if (wait) yield* executeTask(context, id, context.signal, { runner });
      else yield await finished(context, id);
    },
  }),

  run: streamOperation({
    summary: 'Runs what is left of a task, here, until it is done.',
    permission: 'task:run',
    effect: 'disruptive',
    input: strictObject({ task: taskId }),
    async *run(context: OperationContext, { task: id }): AsyncGenerator<ControlEvent> {
      const task = await existing(context, id);
      await context.write(async (repositories) => {
        if (task.state === 'halted' || task.state === 'paused')
          await repositories.tasks.setRunState(task.runId, 'executing', context.clock.now());
        return [undefined, { object: `task:${id}`, result: 'done', details: { left: task.counters.inProgress } }];
      });
      yield { type: 'started', task: id, name: task.name, total: task.counters.inProgress };
      yield* executeTask(context, id, context.signal);
    },
  }),
};

/** TASK-19. Throws `conflict` while the task is being executed, and when nothing failed. */
async function retryable(
  context: OperationContext,
  id: number,
): Promise<{
  readonly task: TaskRecord;
  readonly targets: readonly NamedTarget[];
  readonly deviceIds: readonly number[];
}> {
  const task = await existing(context, id);
  if (task.counters.inProgress > 0) {
    throw new PhonectlError('conflict', `Task ${id} is not finished: ${task.counters.inProgress} devices are left.`, {
      hints: [`Run what is left with \`phonectl task run ${id}\`.`],
    });
  }
  const targets = await context.read.tasks.targets(task.runId, ['failure']);
  if (targets.length === 0) throw new PhonectlError('conflict', `No device of task ${id} failed: nothing to retry.`);
  return { task, targets, deviceIds: targets.map(({ deviceId }) => deviceId) };
}

function planned(targets: readonly NamedTarget[]): ControlEvent {
  const results = targets.map((target): ControlResult => ({ ...toResult(target), result: 'skipped' }));
  const { length } = targets;
  const summary = { total: length, success: 0, failure: 0, notApplicable: 0, skipped: length, pending: 0 };
  return { type: 'finished', state: 'scheduled', summary, results };
}

async function details(context: OperationContext, task: TaskRecord): Promise<TaskDetails> {
  const targets = await context.read.tasks.targets(task.runId);
  return {
    ...toSummary(task),
    content: task.content,
    selector: task.selector,
    strategy: task.strategy,
    results: targets.map(toResult),
  };
}

function toSummary(task: TaskRecord): TaskSummary {
  return {
    id: task.id,
    name: task.name,
    type: task.type,
    state: task.state,
    reason: task.reason,
    counters: task.counters,
    runs: task.runs,
    createdBy: task.createdBy,
    createdAt: new Date(task.at).toISOString(),
    startedAt: task.startedAt === null ? null : new Date(task.startedAt).toISOString(),
    endedAt: task.endedAt === null ? null : new Date(task.endedAt).toISOString(),
  };
}
