/** Running tasks that are there already: what is left, what failed, what waits for its time. */
import type { DeviceSelector } from '../../domain/selector.ts';
import { PACE } from '../../tasks/action.ts';
import { newRunner } from '../../tasks/owner.ts';
import type { OperationContext } from '../context.ts';
import { requireSome } from '../control/phone.ts';
import {
  type ControlEvent,
  type ControlResult,
  executeTask,
  existing,
  runOf,
  standing,
  toResult,
} from '../control/run.ts';
import { resolveDevice } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import type { Lease, NamedTarget, NewTarget, TaskRecord } from '../ports/tasks.ts';
import { resumeTask } from './change.ts';
import { showTaskSettings } from './retention.ts';
import { holderOf, requireRight } from './rights.ts';
import { describeSchedule } from './schedule.ts';
import { chosenDevices, targetsFor } from './targets.ts';

interface Run {
  readonly task: number;
  readonly wait: boolean;
}

/** What is left of a task that is being executed, here or wherever tasks are run. */
export async function* runRest(context: OperationContext, id: number, here: boolean): AsyncGenerator<ControlEvent> {
  const task = await existing(context, id);
  if (task.nextAt !== null && task.state === 'scheduled') {
    const at = new Date(task.nextAt).toISOString();
    yield { type: 'scheduled', task: id, name: task.name, total: 0, at, when: describeSchedule(task.schedule) };
  } else yield { type: 'started', task: id, name: task.name, total: task.counters.inProgress };
  if (here) yield* executeTask(context, id, context.signal);
  else yield await standing(context, id);
}

/** What waits for its time is begun now; what has begun is finished. */
export async function* runTaskNow(context: OperationContext, { task: id, wait }: Run): AsyncGenerator<ControlEvent> {
  const task = await existing(context, id);
  requireRight(context, task.type);
  const begun = task.runId !== null && task.counters.inProgress > 0;
  if (begun && task.runState !== 'executing') await resumeTask(context, { task: id });
  else if (begun) {
    await context.write(async () => [
      undefined,
      { object: `task:${id}`, result: 'done', details: { left: task.counters.inProgress } },
    ]);
  } else {
    yield* beginNow(context, task, wait);
    return;
  }
  yield* runRest(context, id, wait);
}

async function* beginNow(context: OperationContext, task: TaskRecord, wait: boolean): AsyncGenerator<ControlEvent> {
  const { id, state, nextAt, schedule } = task;
  if (state !== 'scheduled' && state !== 'paused') {
    throw new PhonectlError('conflict', `Task ${id} is ${state}: nothing of it is left to run.`, {
      hints: [`Run it again for those that failed with \`phonectl task retry ${id}\`.`],
    });
  }
  const devices = await chosenDevices(context, task.selector as DeviceSelector);
  requireSome(devices.length);
  const targets = await targetsFor(context, devices, task.strategy);
  // A timer keeps its next time; anything else has now had its time.
  if (schedule.kind !== 'repeat') {
    await context.store.transaction(({ tasks }) => tasks.plan(id, nextAt, null, context.clock.now()));
  }
  yield* again(context, task, targets, wait);
}

/** TASK-19. Throws `conflict` while the task is being executed, and when nothing failed. */
export async function* retryTask(
  context: OperationContext,
  input: Run & { readonly devices?: readonly string[]; readonly dryRun?: boolean | undefined },
): AsyncGenerator<ControlEvent> {
  const task = await existing(context, input.task);
  requireRight(context, task.type);
  const failed = await failedOf(context, task, input.devices);
  if (input.dryRun === true) {
    yield planned(failed);
    return;
  }
  const ids = failed.map(({ deviceId }) => deviceId);
  const devices = await context.read.devices.byIds(ids, context.scope);
  const places = new Map(
    (await targetsFor(context, devices, task.strategy)).map((target) => [target.deviceId, target]),
  );
  // A device that was deleted since is no target any more.
  const targets = ids.map((id) => places.get(id)).filter((target) => target !== undefined);
  requireSome(targets.length);
  yield* again(context, task, targets, input.wait);
}

async function failedOf(
  context: OperationContext,
  task: TaskRecord,
  devices: readonly string[] | undefined,
): Promise<readonly NamedTarget[]> {
  const { id, counters } = task;
  if (counters.inProgress > 0) {
    throw new PhonectlError('conflict', `Task ${id} is not finished: ${counters.inProgress} devices are left.`, {
      hints: [`Run what is left with \`phonectl task run ${id}\`.`, `Or end it with \`phonectl task end ${id}\`.`],
    });
  }
  const failed = await context.read.tasks.targets(runOf(task), ['failure']);
  if (failed.length === 0) {
    const why =
      counters.failure === 0
        ? 'no device failed'
        : `${counters.failure} failed, but which is kept for ${(await showTaskSettings(context)).resultDays} days only (phonectl settings task show)`;
    throw new PhonectlError('conflict', `Nothing of task ${id} can be retried: ${why}.`);
  }
  if (devices === undefined) return failed;
  const wanted = new Set<number>();
  for (const reference of devices) {
    const device = await resolveDevice(context, reference);
    if (!failed.some(({ deviceId }) => deviceId === device.id)) {
      throw new PhonectlError('conflict', `${reference} did not fail in task ${id}.`);
    }
    wanted.add(device.id);
  }
  return failed.filter(({ deviceId }) => wanted.has(deviceId));
}

/** One more run of the task. */
async function* again(
  context: OperationContext,
  { id, name, runs }: TaskRecord,
  targets: readonly NewTarget[],
  wait: boolean,
): AsyncGenerator<ControlEvent> {
  const runner = newRunner();
  const now = context.clock.now();
  const holder: Lease | undefined = wait ? { owner: runner, now, until: now + PACE.lease } : undefined;
  await context.write(async ({ tasks }) => {
    const run = { occurrence: String(runs + 1), dueAt: now, at: now, targets, holder: holderOf(context) };
    if ((await tasks.addRun(id, run, holder)) === undefined) {
      throw new PhonectlError('stale', `Task ${id} was run by somebody else at the same moment.`);
    }
    return [undefined, { object: `task:${id}`, result: 'done', details: { devices: targets.length } }];
  });
  yield { type: 'started', task: id, name, total: targets.length };
  if (wait) yield* executeTask(context, id, context.signal, { runner });
  else yield await standing(context, id);
}

function planned(targets: readonly NamedTarget[]): ControlEvent {
  const results = targets.map((target): ControlResult => ({ ...toResult(target), result: 'skipped' }));
  const { length } = targets;
  const summary = { total: length, success: 0, failure: 0, notApplicable: 0, skipped: length, pending: 0 };
  return { type: 'finished', state: 'scheduled', summary, results };
}
