/** How tasks and timers look: lists, details, changes, and the live view. */
import type { ChangedTask } from '../sdk/tasks/change.ts';
import type { TaskDetails, TaskSnapshot, TaskSummary } from '../sdk/tasks/read.ts';
import { resultLines } from './control.ts';
import type { Style } from './style.ts';
import { cleanText, count, padEnd } from './text.ts';
import { type Column, type TextView, textView } from './view.ts';

/** TASK-12, TASK-22. */
export const TASK_STATES = [
  'scheduled',
  'executing',
  'paused',
  'done',
  'halted',
  'missed',
  'ended',
  'cancelled',
] as const;

/** What a change did, in words. */
export const changedTaskView: TextView<ChangedTask> = textView<ChangedTask>(
  ({ id, name, state, message, nextAt }, style) => [
    `${style.paint('green', style.symbol('ok'))} ${id}  ${cleanText(name)}: ${message}`,
    ...(nextAt !== null && state === 'scheduled' ? [`Next: ${nextAt}`] : []),
  ],
);

export const TASK_COLUMNS: readonly Column<TaskSummary>[] = [
  { name: 'id', kind: 'number' },
  { name: 'state', kind: 'state' },
  { name: 'name' },
  { name: 'type', priority: 4 },
  { name: 'createdAt', header: 'CREATED', kind: 'time', priority: 3 },
  { name: 'total', kind: 'number', get: ({ counters }) => counters.total, priority: 1 },
  { name: 'success', kind: 'number', get: ({ counters }) => counters.success, priority: 1 },
  { name: 'failure', kind: 'number', get: ({ counters }) => counters.failure, priority: 1 },
  {
    name: 'inProgress',
    header: 'IN PROGRESS',
    kind: 'number',
    get: ({ counters }) => counters.inProgress,
    priority: 2,
  },
  { name: 'nextAt', header: 'NEXT', kind: 'time', priority: 3 },
  { name: 'createdBy', header: 'BY', priority: 5 },
  { name: 'when', extra: true },
  { name: 'startedAt', header: 'STARTED', kind: 'time', extra: true },
  { name: 'endedAt', header: 'ENDED', kind: 'time', extra: true },
  { name: 'runs', kind: 'number', extra: true },
  { name: 'reason', extra: true },
];

export const DETAIL_COLUMNS: readonly Column<TaskDetails>[] = [
  { name: 'id', kind: 'number' },
  { name: 'name' },
  { name: 'type' },
  { name: 'state', kind: 'state' },
  { name: 'reason', get: ({ reason }) => reason ?? '' },
  { name: 'when' },
  { name: 'nextAt', header: 'NEXT', kind: 'time' },
  { name: 'createdBy', header: 'BY' },
  { name: 'createdAt', header: 'CREATED', kind: 'time' },
  { name: 'startedAt', header: 'STARTED', kind: 'time' },
  { name: 'endedAt', header: 'ENDED', kind: 'time' },
  { name: 'runs', kind: 'number' },
];

/** Under the details: the waves, where there are some, each failure, and what to type next. */
export function detailLines({ id, state, counters, waves, results }: TaskDetails, style: Style): string[] {
  const { inProgress, ...rest } = counters;
  const summary = { ...rest, pending: inProgress };
  const several = waves.length > 1 ? waves.map((wave) => waveLine(wave, style)) : [];
  return ['', ...several, ...resultLines({ task: id, state, summary, results }, style)];
}

type Wave = TaskSnapshot['waves'][number];

export function waveLine(
  { wave, total, success, failure, notApplicable, skipped, inProgress, running }: Wave,
  style: Style,
): string {
  const parts = [
    ...(success > 0 ? [style.paint('green', `${style.symbol('ok')} ${success}`)] : []),
    ...(failure > 0 ? [style.paint('red', `${style.symbol('fail')} ${failure}`)] : []),
    ...(notApplicable + skipped > 0 ? [style.paint('grey', `${style.symbol('none')} ${notApplicable + skipped}`)] : []),
    ...(running > 0 ? [style.paint('cyan', `${style.symbol('run')} ${running}`)] : []),
  ];
  const name = wave === 0 ? 'canary' : `wave ${wave}`;
  return `${padEnd(name, 8)} ${`${total - inProgress}/${total}`.padStart(11)}  ${parts.join(' ')}`.trimEnd();
}

/** More waves than these are left out of the picture. */
const WAVES = 10;

/** The waves around the one that is being worked on; of the others, how many there are. */
function waveLines(waves: readonly Wave[], style: Style): string[] {
  if (waves.length <= WAVES) return waves.map((wave) => waveLine(wave, style));
  const current = waves.findIndex(({ inProgress }) => inProgress > 0);
  const at = current === -1 ? waves.length : current;
  const start = Math.min(Math.max(0, at - WAVES / 2), waves.length - WAVES);
  const after = waves.length - WAVES - start;
  return [
    ...(start > 0 ? [`${count(start, 'wave')} before`] : []),
    ...waves.slice(start, start + WAVES).map((wave) => waveLine(wave, style)),
    ...(after > 0 ? [`${count(after, 'wave')} to come`] : []),
  ];
}

/** The live view, for a terminal: the whole picture. */
export function pictureLines(snapshot: TaskSnapshot, failures: TaskSnapshot['failures'], style: Style): string[] {
  const { id, name, state, reason, nextAt, counters, waves, perMinute, secondsLeft } = snapshot;
  const finished = counters.success + counters.failure;
  const rate = finished === 0 ? 0 : Math.round((counters.failure / finished) * 1000) / 10;
  const pace = perMinute === null ? '' : ` · ${perMinute} a minute`;
  const left = secondsLeft === null ? '' : ` · ${duration(secondsLeft)} left`;
  const head = `Task ${id} · ${cleanText(name)} · ${state}${reason === null ? '' : `: ${cleanText(reason)}`}`;
  if (counters.total === 0 && nextAt !== null) return [style.paint('bold', head), `Due ${nextAt}.`];
  return [
    style.paint('bold', head),
    ...waveLines(waves, style),
    `${counters.total - counters.inProgress} of ${count(counters.total, 'device')} · failed ${rate} %${pace}${left}`,
    ...failures.slice(-5).map((failed) => failureLine(failed, style)),
    ...(state !== 'executing' && counters.failure > 0
      ? [`Again for those that failed: phonectl task retry ${id}`]
      : []),
    ...(state === 'paused' || state === 'halted' ? [`Go on: phonectl task resume ${id}`] : []),
  ];
}

/** One line per change, where nothing can be drawn over. */
export function changeLines(snapshot: TaskSnapshot, style: Style): string[] {
  const { id, state, reason, counters, waves, secondsLeft } = snapshot;
  const { total, success, failure, inProgress } = counters;
  const wave = waves.find((each) => each.inProgress > 0);
  const parts = [
    `task ${id}`,
    state,
    `${total - inProgress}/${total}`,
    `${success} done`,
    `${failure} failed`,
    ...(wave !== undefined && waves.length > 1 ? [wave.wave === 0 ? 'canary' : `wave ${wave.wave}`] : []),
    ...(secondsLeft === null ? [] : [`${duration(secondsLeft)} left`]),
    ...(reason === null ? [] : [cleanText(reason)]),
  ];
  return [...snapshot.failures.map((failed) => failureLine(failed, style)), parts.join(' · ')];
}

function failureLine({ device, name, reason }: TaskSnapshot['failures'][number], style: Style): string {
  return style.paint('red', `${style.symbol('fail')} ${cleanText(name || device)}: ${cleanText(reason ?? '')}`);
}

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`;
}
