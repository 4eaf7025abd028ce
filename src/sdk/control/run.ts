/** Control tasks from beginning to end: plan, record, execute, report. */

import type { DeviceSelector } from '../../domain/selector.ts';
import { newRunner, PACE } from '../../tasks/action.ts';
import { runTask } from '../../tasks/runner.ts';
import { DEFAULT_STRATEGY } from '../../tasks/strategy.ts';
import type { DeviceTransport } from '../../vendors/transport.ts';
import type { OperationContext } from '../context.ts';
import { resolveDevices } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import type { FinalState, NamedTarget, ReasonCode, RunState, Strategy, TaskRecord } from '../ports/tasks.ts';
import {
  CONTROL_TYPES,
  type ControlContent,
  type ControlType,
  controlAction,
  notApplicable,
  transportsOf,
} from './actions.ts';
import { type ControlContext, deviceLabel, loadPhone, requireSome } from './phone.ts';

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
  | { readonly type: 'device'; readonly state: NamedTarget['state']; readonly device: ControlResult }
  | {
      readonly type: 'finished';
      /** Absent in a dry run. */
      readonly task?: number;
      readonly state: RunState;
      readonly summary: ControlSummary;
      readonly results: readonly ControlResult[];
    };

export interface ControlRequest extends ControlContent {
  readonly selector: DeviceSelector;
  readonly strategy: Partial<Strategy>;
  /** False: the task is made and left to whoever runs tasks. */
  readonly wait: boolean;
  readonly dryRun: boolean;
}

interface Chosen {
  readonly id: number;
  readonly mac: string | null;
  readonly serial: string | null;
  readonly name: string;
}

/** Makes a control task and, unless told otherwise, runs it here. Throws `not_found` when the selector selects nothing. */
export async function* runControl(
  context: OperationContext,
  type: ControlType,
  request: ControlRequest,
): AsyncGenerator<ControlEvent> {
  const devices: Chosen[] = [];
  for await (const { id, mac, serial, name } of resolveDevices(context, request.selector)) {
    devices.push({ id, mac, serial, name });
  }
  requireSome(devices.length);
  const content: ControlContent = {
    ...(request.via !== undefined && { via: request.via }),
    ...(request.force === true && { force: true }),
    ...(request.plainBasic === true && { plainBasic: true }),
  };
  await checkVia(context, type, content, devices);
  if (request.dryRun) {
    yield* rehearse(context, type, content, devices);
    return;
  }
  const strategy = { ...DEFAULT_STRATEGY, ...request.strategy };
  const now = context.clock.now();
  const name = taskName(type, now);
  const runner = newRunner();
  const { taskId } = await context.write(async ({ tasks }) => {
    const made = await tasks.create(
      {
        name,
        type,
        content: { ...content },
        selector: { ...request.selector },
        strategy,
        createdBy: context.actor.name,
        at: now,
      },
      devices.map(({ id }) => id),
      request.wait ? { owner: runner, now, until: now + PACE.lease } : undefined,
    );
    const details = {
      task: made.taskId,
      devices: devices.slice(0, 100).map((device) => deviceLabel(device, device.id)),
    };
    return [made, { object: objectOf(devices), result: 'done', details }];
  });
  yield { type: 'started', task: taskId, name, total: devices.length };
  if (request.wait) yield* executeTask(context, taskId, context.signal, { runner });
  else yield await finished(context, taskId);
}

/** Runs what is left of a task, here, until it is done or the signal stops it. */
export async function* executeTask(
  context: ControlContext,
  taskId: number,
  signal: AbortSignal,
  options: { readonly runner?: string; readonly abandon?: AbortSignal } = {},
): AsyncGenerator<ControlEvent> {
  const { store } = context;
  const task = await existing(context, taskId);
  const names = new Map<number, NamedTarget>();
  for (const target of await store.read.tasks.targets(task.runId)) names.set(target.deviceId, target);
  const events = new Queue<ControlEvent>();
  const content = task.content as ControlContent;
  const { deviceTransport } = await import('../../net/transport.ts');
  const transport: DeviceTransport = deviceTransport({ plainBasic: content.plainBasic === true });
  // Whoever stops reading the events stops the run as well.
  const stop = new AbortController();
  const running = runTask({
    ...(options.runner !== undefined && { owner: options.runner }),
    ...(options.abandon !== undefined && { abandon: options.abandon }),
    runId: task.runId,
    strategy: task.strategy,
    action: controlAction(controlType(task), content, context, transport),
    store,
    clock: context.clock,
    signal: AbortSignal.any([signal, stop.signal]),
    onEvent: (event) => {
      const named = names.get(event.deviceId);
      if (named !== undefined)
        events.push({ type: 'device', state: event.state, device: toResult({ ...named, ...event }) });
    },
  }).finally(() => events.close());
  try {
    yield* events;
  } finally {
    stop.abort();
    await running;
  }
  yield await finished(context, taskId);
}

/** Where the task stands, as the last event. */
export async function finished(context: ControlContext, taskId: number): Promise<ControlEvent> {
  const task = await existing(context, taskId);
  const targets = await context.store.read.tasks.targets(task.runId);
  const { total, success, failure, notApplicable, skipped, inProgress } = task.counters;
  return {
    type: 'finished',
    task: taskId,
    state: task.state,
    summary: { total, success, failure, notApplicable, skipped, pending: inProgress },
    results: targets.map(toResult),
  };
}

/** A task by id. Throws `not_found`. */
export async function existing(
  { store, scope }: Pick<ControlContext, 'store' | 'scope'>,
  taskId: number,
): Promise<TaskRecord> {
  const task = await store.read.tasks.get(taskId, scope);
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
  devices: readonly Chosen[],
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

/** What would be done to each device. Nothing is sent. */
async function* rehearse(
  context: OperationContext,
  type: ControlType,
  content: ControlContent,
  devices: readonly Chosen[],
): AsyncGenerator<ControlEvent> {
  const results: ControlResult[] = [];
  for (const device of devices) {
    context.signal.throwIfAborted();
    results.push(await foresee(context, type, content, device));
  }
  const count = (result: ControlResult['result']): number => results.filter((each) => each.result === result).length;
  const summary = {
    total: results.length,
    success: 0,
    failure: count('failure'),
    notApplicable: count('not-applicable'),
    skipped: count('skipped'),
    pending: 0,
  };
  yield { type: 'finished', state: 'scheduled', summary, results };
}

async function foresee(
  context: OperationContext,
  type: ControlType,
  content: ControlContent,
  device: Chosen,
): Promise<ControlResult> {
  const base = {
    device: deviceLabel(device, device.id),
    name: device.name,
    code: null,
    via: null,
    evidence: null,
    attempts: 0,
  };
  const phone = await loadPhone(context, device.id);
  const reason = 'reason' in phone ? phone.reason : notApplicable(type, phone);
  if (reason !== undefined || 'reason' in phone) {
    return { ...base, result: 'not-applicable', code: 'unsupported', reason: reason ?? null };
  }
  if (phone.unreachable !== undefined) {
    return { ...base, result: 'failure', code: 'unreachable', reason: phone.unreachable };
  }
  const via = content.via ?? transportsOf(type, phone.driver)[0] ?? null;
  const address = phone.target.controlUrl ?? '';
  return { ...base, result: 'skipped', via, reason: `dry run: ${type} over ${via ?? 'nothing'} at ${address}` };
}

/** TASK-30: `Apply-Reboot-20261122-0221`, in UTC. */
function taskName(type: ControlType, now: number): string {
  const verb = type.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const [date = '', time = ''] = new Date(now).toISOString().split('T');
  return `Apply-${verb}-${date.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}`;
}

function objectOf(devices: readonly Chosen[]): string {
  const [first] = devices;
  return devices.length === 1 && first !== undefined
    ? `device:${deviceLabel(first, first.id)}`
    : `devices (${devices.length})`;
}

/** Events that are pushed on one side and read on the other. */
class Queue<T> implements AsyncIterable<T> {
  #items: T[] = [];
  #closed = false;
  #arrived = Promise.withResolvers<void>();

  push(item: T): void {
    this.#items.push(item);
    this.#arrived.resolve();
  }

  close(): void {
    this.#closed = true;
    this.#arrived.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      yield* this.#items.splice(0);
      if (this.#items.length > 0) continue;
      if (this.#closed) return;
      await this.#arrived.promise;
      this.#arrived = Promise.withResolvers();
    }
  }
}
