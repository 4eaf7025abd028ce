/**
 * How a rollout went: from where to where, who did not and why, and what to type next. It is made of what the task left
 * in the store, so it is there as long as the task is.
 */
import type { OperationContext } from '../context.ts';
import { type ControlResult, type ControlSummary, existing, runOf, summaryOf, toResult } from '../control/run.ts';
import { PhonectlError } from '../errors.ts';
import { FIRMWARE_SLOT } from '../ports/given-files.ts';
import type { NamedTarget, TaskCounters, TaskRecord, TaskState, WaveCounters } from '../ports/tasks.ts';
import { awayIsPending } from '../push/push.ts';
import type { FirmwareInput } from './choice.ts';

export interface ReportedDevice extends ControlResult {
  readonly model: string | null;
  readonly site: string | null;
  /** What it ran when its turn came; `null` where it did not come, or nobody knew. */
  readonly before: string | null;
  /** What it runs now, as far as it told. */
  readonly now: string | null;
}

/** Devices that did not do it for the same reason. */
export interface Problem {
  readonly reason: string;
  readonly devices: number;
  /** MACs, else serial numbers, else ids. */
  readonly which: readonly string[];
}

export interface FirmwareReport {
  readonly task: number;
  readonly name: string;
  readonly state: TaskState;
  /** Why it stopped itself. */
  readonly reason: string | null;
  /** Name of the image, or the release. */
  readonly target: string;
  readonly createdBy: string;
  /** ISO 8601. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly summary: ControlSummary;
  /** Pending ones that get it at their next contact. */
  readonly away: number;
  /** Wave 0 is the canary. */
  readonly waves: readonly WaveCounters[];
  /** Those that did it. */
  readonly moves: readonly { readonly from: string | null; readonly to: string; readonly devices: number }[];
  /** Those that did not, the most frequent reason first. */
  readonly problems: readonly Problem[];
  readonly results: readonly ReportedDevice[];
  /** Commands to type. */
  readonly next: readonly string[];
}

/** Throws `conflict` for a task of another type, or one that has not begun. */
export async function firmwareReport(context: OperationContext, id: number): Promise<FirmwareReport> {
  const task = await existing(context, id);
  if (task.type !== 'firmware') {
    throw new PhonectlError('conflict', `Task ${id} is a ${task.type}: there is no firmware to report on.`, {
      hints: [`See it with \`phonectl task show ${id}\`.`],
    });
  }
  const runId = runOf(task);
  const { tasks, givenFiles } = context.read;
  const [targets, waves, noted] = await Promise.all([
    tasks.targets(runId),
    tasks.waves(runId),
    givenFiles.before(runId),
  ]);
  const before = new Map(noted.map(({ deviceId, release }) => [deviceId, release]));
  const told = await devicesOf(context, targets, before, await givenBy(context, runId, targets));
  const { state, reason, name, createdBy, startedAt, endedAt } = task;
  const input = task.content['input'] as FirmwareInput;
  // What was pushed waits for phones that are away; a rollout does not.
  const results = input.away === 'next-contact' ? told.map(awayIsPending) : told;
  const away = results.filter(({ result }, index) => result !== told[index]?.result).length;
  const summary = summaryOf(task);
  const problems = problemsOf(results);
  return {
    task: id,
    name,
    state,
    reason,
    target: input.target,
    createdBy,
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
    summary: { ...summary, skipped: summary.skipped - away, pending: summary.pending + away },
    away,
    waves,
    moves: movesOf(results),
    problems,
    results,
    next: nextOf(task, waves, results),
  };
}

/** The release that the run gave to each device. */
async function givenBy(
  { read }: Pick<OperationContext, 'read'>,
  runId: number,
  targets: readonly NamedTarget[],
): Promise<ReadonlyMap<number, string>> {
  const releases = new Map((await read.images.list()).map(({ id, release }) => [id, release]));
  const given = await read.givenFiles.of(targets.map(({ deviceId }) => deviceId));
  return new Map(
    given.flatMap(({ deviceId, slot, fileId, runId: run }) => {
      const release = run === runId && slot === FIRMWARE_SLOT ? releases.get(fileId) : undefined;
      return release === undefined ? [] : [[deviceId, release] as const];
    }),
  );
}

async function devicesOf(
  context: OperationContext,
  targets: readonly NamedTarget[],
  before: ReadonlyMap<number, string | null>,
  given: ReadonlyMap<number, string>,
): Promise<readonly ReportedDevice[]> {
  const ids = targets.map(({ deviceId }) => deviceId);
  const records = new Map((await context.read.devices.byIds(ids, context.scope)).map((device) => [device.id, device]));
  return targets.map((target) => {
    const device = records.get(target.deviceId);
    return {
      ...toResult(target),
      model: device === undefined ? null : (device.model ?? device.facts.model),
      site: device?.site ?? null,
      before: before.get(target.deviceId) ?? null,
      // It said so, perhaps a moment before that was written down.
      now: (target.state === 'success' ? given.get(target.deviceId) : undefined) ?? device?.facts.firmware ?? null,
    };
  });
}

function movesOf(results: readonly ReportedDevice[]): FirmwareReport['moves'] {
  const done = results.filter(({ result }) => result === 'success');
  const groups = Map.groupBy(done, ({ before, now }) => JSON.stringify([before, now]));
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group;
      return first === undefined ? [] : [{ from: first.before, to: first.now ?? '', devices: group.length }];
    })
    .sort((a, b) => b.devices - a.devices);
}

/** Reasons that differ in numbers only are one: each phone has its own version and percentage in it. */
function problemsOf(results: readonly ReportedDevice[]): readonly Problem[] {
  const failed = results.filter(({ result }) => result === 'failure' || result === 'not-applicable');
  const groups = Map.groupBy(failed, ({ reason }) => (reason ?? '').replace(/\d+/g, '0'));
  return [...groups.values()]
    .map((group) => ({
      reason: group[0]?.reason ?? '',
      devices: group.length,
      which: group.map(({ device }) => device),
    }))
    .sort((a, b) => b.devices - a.devices);
}

function nextOf(
  { id, state, counters }: TaskRecord,
  waves: readonly WaveCounters[],
  results: readonly ReportedDevice[],
): readonly string[] {
  const failed = results.filter(({ result }) => result === 'failure');
  const [first] = failed;
  const halted = state === 'halted';
  const stopped = halted || state === 'paused';
  return [
    // A look at one of them comes before more of them.
    ...(first === undefined ? [] : [`phonectl device status ${first.device}`]),
    ...(stopped
      ? [
          `phonectl task resume ${id}${halted ? ` --max-failures ${higherLimit(counters, waves)}` : ''}`,
          `phonectl task end ${id}`,
        ]
      : []),
    ...(failed.length > 0 && counters.inProgress === 0 ? [`phonectl task retry ${id}`] : []),
    ...(state === 'executing' ? [`phonectl task watch ${id}`] : []),
  ];
}

/** In tens of percent, well above what has failed: of all so far, and of the canary, which is judged alone. */
function higherLimit(counters: TaskCounters, waves: readonly WaveCounters[]): string {
  const rates = [counters, ...waves.filter(({ wave }) => wave === 0)].map(
    ({ success, failure }) => failure / Math.max(1, success + failure),
  );
  return `${Math.min(100, Math.ceil((Math.max(...rates) + 0.05) * 10) * 10)}%`;
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
