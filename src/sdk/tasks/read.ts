/** Tasks as people and programs see them. */
import { pause } from '../../tasks/pause.ts';
import type { OperationContext } from '../context.ts';
import { type ControlResult, existing, toResult } from '../control/run.ts';
import type { TaskCounters, TaskQuery, TaskRecord, WaveCounters } from '../ports/tasks.ts';
import { describeSchedule } from './schedule.ts';

/** A task as lists show it (TASK-21). Times are ISO 8601. */
export interface TaskSummary {
  readonly id: number;
  readonly version: number;
  readonly name: string;
  /** `reboot`, `check-sync`, … */
  readonly type: string;
  /** TASK-12, TASK-22. */
  readonly state: TaskRecord['state'];
  readonly reason: string | null;
  /** TASK-24: of the newest run. */
  readonly counters: TaskCounters;
  readonly runs: number;
  /** When it runs, in words. */
  readonly when: string;
  /** When it is due next; null when it is not. */
  readonly nextAt: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** TASK-18, TASK-26: one result per device, with the reason where something went wrong. */
export interface TaskDetails extends TaskSummary {
  readonly content: Readonly<Record<string, unknown>>;
  readonly selector: Readonly<Record<string, unknown>>;
  readonly schedule: TaskRecord['schedule'];
  readonly strategy: TaskRecord['strategy'];
  /** Wave 0 is the canary. */
  readonly waves: readonly WaveCounters[];
  readonly results: readonly ControlResult[];
}

export async function* listTasks(
  context: OperationContext,
  query: Omit<TaskQuery, 'scope'>,
): AsyncGenerator<TaskSummary> {
  for (const task of await context.read.tasks.list({ ...query, scope: context.scope })) yield toSummary(task);
}

export async function showTask(context: OperationContext, id: number): Promise<TaskDetails> {
  const task = await existing(context, id);
  const { tasks } = context.read;
  return {
    ...toSummary(task),
    content: task.content,
    selector: task.selector,
    schedule: task.schedule,
    strategy: task.strategy,
    waves: task.runId === null ? [] : await tasks.waves(task.runId),
    results: task.runId === null ? [] : (await tasks.targets(task.runId)).map(toResult),
  };
}

export function toSummary(task: TaskRecord): TaskSummary {
  return {
    id: task.id,
    version: task.version,
    name: task.name,
    type: task.type,
    state: task.state,
    reason: task.reason,
    counters: task.counters,
    runs: task.runs,
    when: describeSchedule(task.schedule),
    nextAt: iso(task.nextAt),
    createdBy: task.createdBy,
    createdAt: new Date(task.at).toISOString(),
    startedAt: iso(task.startedAt),
    endedAt: iso(task.endedAt),
  };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** How a task stands at one moment. */
export interface TaskSnapshot extends TaskSummary {
  readonly waves: readonly WaveCounters[];
  /** Devices finished per minute, lately; null while that cannot be told. */
  readonly perMinute: number | null;
  /** Seconds until the end at that rate. */
  readonly secondsLeft: number | null;
  /** Devices that failed since the snapshot before. */
  readonly failures: readonly ControlResult[];
}

interface Watch {
  readonly task: number;
  /** Milliseconds between two looks. */
  readonly interval: number;
  /** Snapshots at the most. */
  readonly limit?: number;
}

/** Over how long the rate is taken. Milliseconds. */
const LATELY = 60_000;

/** Looks at a task again and again until it stands still; each snapshot that differs from the one before. */
export async function* watchTask(
  context: OperationContext,
  { task: id, interval, limit = Number.POSITIVE_INFINITY }: Watch,
): AsyncGenerator<TaskSnapshot> {
  const { clock, signal } = context;
  const past: { readonly at: number; readonly finished: number }[] = [];
  let seen = Number.NEGATIVE_INFINITY;
  let last = '';
  let told = 0;
  while (!signal.aborted) {
    const task = await existing(context, id);
    const { runId, counters } = task;
    past.push({ at: clock.monotonic(), finished: counters.total - counters.inProgress });
    while (past.length > 2 && clock.monotonic() - (past[0]?.at ?? 0) > LATELY) past.shift();
    const failed = runId === null ? [] : await context.read.tasks.targets(runId, ['failure'], seen);
    seen = Math.max(seen, ...failed.map(({ endedAt }) => endedAt ?? seen));
    const waves = runId === null ? [] : await context.read.tasks.waves(runId);
    const standing = { ...toSummary(task), waves };
    // The rate changes with every look; that alone is no news.
    const news = JSON.stringify(standing);
    if (news !== last || failed.length > 0) {
      yield { ...standing, ...pace(past, counters), failures: failed.map(toResult) };
      told += 1;
    }
    last = news;
    if (isStill(task) || told >= limit) return;
    await pause(interval, signal);
  }
}

function pace(
  past: readonly { readonly at: number; readonly finished: number }[],
  { inProgress }: TaskCounters,
): Pick<TaskSnapshot, 'perMinute' | 'secondsLeft'> {
  const [first] = past;
  const now = past.at(-1);
  if (first === undefined || now === undefined) return { perMinute: null, secondsLeft: null };
  const done = now.finished - first.finished;
  const elapsed = now.at - first.at;
  if (done <= 0 || elapsed <= 0) return { perMinute: null, secondsLeft: null };
  return {
    perMinute: Math.round((done / elapsed) * 600_000) / 10,
    secondsLeft: Math.ceil((inProgress * elapsed) / done / 1000),
  };
}

/** Whether nothing will change without somebody doing something. */
function isStill({ state }: TaskRecord): boolean {
  return state !== 'executing' && state !== 'scheduled';
}
