/** What commands that make phones do something have in common: flags, live progress, and the result. */
import { boolean, string } from '@oclif/core/flags';
import type { ControlEvent, ControlResult, ControlSummary } from '../sdk/control/run.ts';
import { EXIT } from '../sdk/errors.ts';
import type { Progress } from './progress.ts';
import { type RunFlagValues, type RunInput, runFlags, runInput } from './run-flags.ts';
import { onInterruptSay } from './session.ts';
import type { Style } from './style.ts';
import { cleanText, count, padEnd, phoneColumn } from './text.ts';
import { batchExit, type TextView, textView } from './view.ts';

const HELP_GROUP = 'TASK';

/** How a task on devices goes: the same on every command with an effect on phones. */
export const controlFlags = {
  via: string({
    summary: "Only this way instead of the vendor's order: rest, web, action-uri, action-url, push, sip.",
    helpValue: 'WAY',
    helpGroup: HELP_GROUP,
  }),
  'plain-basic': boolean({
    summary: 'Send the password over plain HTTP to phones that know nothing better.',
    helpGroup: HELP_GROUP,
  }),
  ...runFlags,
};

interface ControlFlagValues extends RunFlagValues {
  readonly via?: string | undefined;
  readonly 'plain-basic'?: boolean | undefined;
}

/** The flags as the operation's input has them; what was not given is not in it. */
export function controlInput(flags: ControlFlagValues): RunInput & { via?: string; plainBasic?: boolean } {
  return {
    ...(flags.via !== undefined && { via: flags.via }),
    ...(flags['plain-basic'] === true && { plainBasic: true }),
    ...runInput(flags),
  };
}

/** The answer of a command that acted on devices. */
export interface ControlBatch {
  /** Absent in a dry run. */
  readonly task?: number;
  readonly state?: string;
  /** ISO 8601, and in words: when a task is due that waits for its time. */
  readonly at?: string;
  readonly when?: string;
  /** What speaks against that time. */
  readonly warnings?: readonly string[];
  readonly summary: ControlSummary;
  /** None where nobody waited for them. */
  readonly results: readonly ControlResult[];
}

/** Follows a task to its end, showing how far it is. */
export async function followTask(events: AsyncIterable<ControlEvent>, progress: Progress): Promise<ControlBatch> {
  let batch: ControlBatch = {
    summary: { total: 0, success: 0, failure: 0, notApplicable: 0, skipped: 0, pending: 0 },
    results: [],
  };
  const states = new Map<string, string>();
  let total = 0;
  let due: Pick<ControlBatch, 'at' | 'when'> = {};
  for await (const event of events) {
    switch (event.type) {
      case 'started':
        total = event.total;
        onInterruptSay(`What is in flight is finished. The rest: phonectl task resume ${event.task}`);
        break;
      case 'scheduled':
        due = { at: event.at, when: event.when };
        break;
      case 'device':
        states.set(event.device.device, event.state);
        progress.update(progressText(states, total));
        break;
      case 'finished':
        batch = {
          ...(event.task !== undefined && { task: event.task, state: event.state }),
          ...due,
          ...(event.warnings !== undefined && { warnings: event.warnings }),
          summary: event.summary,
          results: event.results,
        };
    }
  }
  return batch;
}

function progressText(states: ReadonlyMap<string, string>, total: number): string {
  const number = (state: string): number => [...states.values()].filter((each) => each === state).length;
  const done = number('success') + number('failure') + number('not-applicable') + number('skipped');
  const failed = number('failure') > 0 ? ` · ${number('failure')} failed` : '';
  const running = number('running') > 0 ? ` · ${number('running')} on their way` : '';
  return `${done}/${total} done${failed}${running}`;
}

/** 10 when nothing could be reached at all; else as every batch. */
export function controlExit({ state, results, summary }: ControlBatch): number {
  // Nobody waited for it: scheduled is done, begun is not finished.
  if (results.length === 0) return state === 'executing' && summary.pending > 0 ? EXIT.unfinished : EXIT.ok;
  const nobody = summary.failure > 0 && summary.success === 0 && summary.pending === 0;
  if (nobody && results.every(({ result, code }) => result !== 'failure' || code === 'unreachable')) {
    return EXIT.unreachable;
  }
  return batchExit({ summary: { ...summary }, results });
}

/** More devices than this: only those that need a look are listed. */
const LISTED = 30;

const LOOKS = {
  success: ['green', 'ok'],
  failure: ['red', 'fail'],
  'not-applicable': ['grey', 'none'],
  skipped: ['grey', 'none'],
  pending: ['yellow', 'part'],
} as const;

/** The batch for people: a line per device, then the sum and what to type next. */
export const controlView: TextView<ControlBatch> = textView<ControlBatch>(resultLines, controlExit);

/** A line for each device, at least for those that need a look, and the sum. */
export function resultLines(batch: ControlBatch, style: Style): string[] {
  const { results } = batch;
  const listed = results.length <= LISTED ? results : results.filter(needsLook);
  const phone = phoneColumn(listed);
  return [...listed.map((result) => resultLine(result, phone(result), style)), ...sumLines(batch)];
}

/** What was done needs none, and neither does what nobody has begun. */
function needsLook({ result, reason }: ControlResult): boolean {
  return result !== 'success' && (result !== 'pending' || reason !== null);
}

function resultLine(result: ControlResult, phone: string, style: Style): string {
  const [colour, symbol] = LOOKS[result.result];
  const word = style.paint(colour, padEnd(`${style.symbol(symbol)} ${result.result}`, 16));
  const what = result.evidence ?? result.reason ?? '';
  const via = result.via === null ? '' : ` (${result.via})`;
  return `${word} ${phone} ${withoutMilliseconds(cleanText(what))}${via}`.trimEnd();
}

/** Of times in evidence, which --json has whole. */
function withoutMilliseconds(text: string): string {
  return text.replace(/(T\d\d:\d\d:\d\d)\.\d{3}Z/g, '$1Z');
}

function sumLines(batch: ControlBatch): readonly string[] {
  const { task, state, summary, results } = batch;
  if (task !== undefined && results.length === 0 && summary.pending > 0) return [leftLine(batch, task)];
  const { total, success, failure, notApplicable, skipped, pending } = summary;
  const parts = [
    `${success} of ${count(total, 'device')} done`,
    ...(failure > 0 ? [`${failure} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(notApplicable > 0 ? [`${notApplicable} not applicable`] : []),
    ...(pending > 0 ? [`${pending} left`] : []),
  ];
  if (task === undefined) return [`${count(total, 'device')}.`];
  const next = [
    ...(pending > 0 && state !== 'executing' ? [`The rest: phonectl task resume ${task}`] : []),
    ...(pending > 0 && state === 'executing' ? [`Follow it: phonectl task watch ${task}`] : []),
    ...(pending === 0 && failure > 0 ? [`Again for those that failed: phonectl task retry ${task}`] : []),
  ];
  return [`Task ${task}: ${parts.join(' · ')}`, ...next];
}

/** Of a task that goes on without us. */
function leftLine({ at, when, summary }: ControlBatch, task: number): string {
  if (at !== undefined) return `Task ${task} is due ${at}${when?.startsWith('once') === false ? `, ${when}` : ''}.`;
  return `Task ${task}: ${count(summary.pending, 'device')}. Follow it: phonectl task watch ${task}`;
}
