/** Making tasks: the definition, its first run or its time, and the entry in the operation log. */
import type { DeviceSelector } from '../../domain/selector.ts';
import { PACE } from '../../tasks/action.ts';
import { DEFAULT_STRATEGY } from '../../tasks/strategy.ts';
import type { OperationContext } from '../context.ts';
import { deviceLabel } from '../control/phone.ts';
import type { NewTask, Schedule, Strategy } from '../ports/tasks.ts';
import { nextOccurrence } from './schedule.ts';
import { type Placed, targetsFor } from './targets.ts';

/**
 * What suits an effect where nothing else is said. A phone that reboots is away for minutes and loads its line, and all
 * that stand behind one router would come back together; a phone that looks for its configuration is busy for seconds.
 */
const BY_TYPE: Readonly<Record<string, Partial<Strategy>>> = {
  reboot: { concurrency: 50, ratePerSource: 5 },
  restart: { concurrency: 50, ratePerSource: 5 },
  reset: { concurrency: 50, ratePerSource: 5 },
  // Some parameters make the phone restart before it can be asked for them.
  set: { concurrency: 50, timeout: 180_000 },
  'check-sync': { concurrency: 100, ratePerSource: 20 },
  'config-push': { concurrency: 100, ratePerSource: 20 },
  diagnosis: { concurrency: 100, ratePerSource: 20 },
  'diagnosis-end': { concurrency: 100, ratePerSource: 20 },
  resource: { concurrency: 100, ratePerSource: 20 },
  // Megabytes for each, and minutes in which nobody can call.
  firmware: { concurrency: 25, ratePerSource: 2, timeout: 1_800_000 },
  // Switching it on may restart the phone; and megabytes take their time over a slow line.
  'capture-start': { concurrency: 20, timeout: 180_000 },
  'capture-stop': { concurrency: 20, timeout: 180_000 },
  'capture-cancel': { concurrency: 50, timeout: 180_000 },
};

/** Small commands: a phone does them at once, or not at all. */
const AT_ONCE: Partial<Strategy> = { concurrency: 100, timeout: 20_000 };
const QUICK = /^(?:dnd|message|key|dial|call-[a-z]+)$/;

export function strategyOf(type: string, wish: Partial<Strategy>): Strategy {
  return { ...DEFAULT_STRATEGY, ...(QUICK.test(type) ? AT_ONCE : BY_TYPE[type]), ...wish };
}

export interface TaskWish {
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly selector: DeviceSelector;
  readonly strategy: Strategy;
  readonly schedule: Schedule;
  /** What the selector selects now; a later run asks again. */
  readonly devices: readonly Placed[];
  readonly name?: string;
  /** Who runs it, if it begins now and here. */
  readonly runner?: string;
}

export interface MadeTask {
  readonly taskId: number;
  readonly name: string;
  /** When it is due; absent when it has begun. */
  readonly nextAt?: number;
}

export async function makeTask(context: OperationContext, wish: TaskWish): Promise<MadeTask> {
  const { type, content, selector, strategy, schedule, devices, runner } = wish;
  const now = context.clock.now();
  const name = wish.name ?? taskName(type, now);
  const task: NewTask = {
    name,
    type,
    content,
    selector: { ...selector },
    strategy,
    schedule,
    scope: context.scope,
    createdBy: context.actor.name,
    createdKind: context.actor.kind,
    at: now,
  };
  const nextAt = await nextOccurrence(schedule, now);
  const work = { type, content, home: context.home };
  const targets = nextAt === undefined ? await targetsFor(context, devices, strategy, work) : [];
  const taskId = await context.write(async ({ tasks }) => {
    const holder = runner === undefined ? undefined : { owner: runner, now, until: now + PACE.lease };
    const id =
      nextAt === undefined
        ? (await tasks.create(task, targets, holder)).taskId
        : await tasks.define(task, { at: nextAt });
    const details = {
      task: id,
      devices: devices.slice(0, 100).map((device) => deviceLabel(device, device.id)),
      ...(nextAt !== undefined && { due: new Date(nextAt).toISOString() }),
    };
    return [id, { object: objectOf(devices), result: 'done', details }];
  });
  return { taskId, name, ...(nextAt !== undefined && { nextAt }) };
}

/** TASK-30: `Apply-Reboot-20261122-0221`, in UTC. */
export function taskName(type: string, now: number): string {
  const verb = type.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const [date = '', time = ''] = new Date(now).toISOString().split('T');
  return `Apply-${verb}-${date.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}`;
}

function objectOf(devices: readonly Placed[]): string {
  const [first] = devices;
  return devices.length === 1 && first !== undefined
    ? `device:${deviceLabel(first, first.id)}`
    : `devices (${devices.length})`;
}
