/** What commands that make phones do something have in common: flags, live progress, and the result. */
import { boolean, integer, string } from '@oclif/core/flags';
import type { ControlEvent, ControlResult, ControlSummary } from '../sdk/control/run.ts';
import { EXIT } from '../sdk/errors.ts';
import type { Progress } from './progress.ts';
import { onInterruptSay } from './session.ts';
import type { Style } from './style.ts';
import { cleanText, count, padEnd } from './text.ts';
import { UsageValueError } from './usage-error.ts';
import { batchExit, type TextView, textView } from './view.ts';

const HELP_GROUP = 'TASK';

/** How a task on devices goes: the same on every command with an effect on phones. */
export const controlFlags = {
  via: string({
    summary: "Only this way instead of the vendor's order: rest, web, action-uri, action-url, push, sip.",
    helpValue: 'WAY',
    helpGroup: HELP_GROUP,
  }),
  concurrency: integer({
    summary: 'Phones at the same time.',
    helpValue: 'N',
    min: 1,
    max: 5000,
    helpGroup: HELP_GROUP,
  }),
  rate: string({ summary: 'Phones begun per second, at most.', helpValue: 'N', helpGroup: HELP_GROUP }),
  'max-failures': string({
    summary: 'Stop when more than this many have failed: 10, or 5% of all.',
    helpValue: 'N|N%',
    helpGroup: HELP_GROUP,
  }),
  retry: integer({ summary: 'Tries per phone.', helpValue: 'N', min: 1, max: 20, helpGroup: HELP_GROUP }),
  timeout: integer({
    summary: 'Seconds that a phone has to show that it did it. Default 300.',
    helpValue: 'SECONDS',
    min: 1,
    helpGroup: HELP_GROUP,
  }),
  wait: boolean({
    summary: 'Wait for the end; without, the server or `phonectl task run` does the work.',
    allowNo: true,
    default: true,
    helpGroup: HELP_GROUP,
  }),
  'plain-basic': boolean({
    summary: 'Send the password over plain HTTP to phones that know nothing better.',
    helpGroup: HELP_GROUP,
  }),
};

interface ControlFlagValues {
  readonly via?: string | undefined;
  readonly concurrency?: number | undefined;
  readonly rate?: string | undefined;
  readonly 'max-failures'?: string | undefined;
  readonly retry?: number | undefined;
  readonly timeout?: number | undefined;
  readonly wait: boolean;
  readonly 'plain-basic'?: boolean | undefined;
}

/** The flags as the operation's input has them; what was not given is not in it. */
export function controlInput(flags: ControlFlagValues): {
  via?: string;
  concurrency?: number;
  rate?: number;
  maxFailures?: number | string;
  attempts?: number;
  timeout?: number;
  wait: boolean;
  plainBasic?: boolean;
} {
  const { via, concurrency, retry, timeout } = flags;
  const rate = flags.rate === undefined ? undefined : Number(flags.rate);
  if (rate !== undefined && !(rate > 0)) throw new UsageValueError('--rate wants a number above 0, such as 5 or 0.5.');
  const limit = flags['max-failures'];
  if (limit !== undefined && !/^\d+(?:\.\d+)?%?$/.test(limit)) {
    throw new UsageValueError('--max-failures wants a number or a share: 10, or 5%.');
  }
  return {
    ...(via !== undefined && { via }),
    ...(concurrency !== undefined && { concurrency }),
    ...(rate !== undefined && { rate }),
    ...(limit !== undefined && { maxFailures: limit.endsWith('%') ? limit : Number(limit) }),
    ...(retry !== undefined && { attempts: retry }),
    ...(timeout !== undefined && { timeout }),
    wait: flags.wait,
    ...(flags['plain-basic'] === true && { plainBasic: true }),
  };
}

/** The answer of a command that acted on devices. */
export interface ControlBatch {
  /** Absent in a dry run. */
  readonly task?: number;
  readonly summary: ControlSummary;
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
  for await (const event of events) {
    switch (event.type) {
      case 'started':
        total = event.total;
        onInterruptSay(`What is in flight is finished. The rest: phonectl task run ${event.task}`);
        break;
      case 'device':
        states.set(event.device.device, event.state);
        progress.update(progressText(states, total));
        break;
      case 'finished':
        batch = {
          ...(event.task !== undefined && { task: event.task }),
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
export function controlExit({ results, summary }: ControlBatch): number {
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
  const listed = results.length <= LISTED ? results : results.filter(({ result }) => result !== 'success');
  return [...listed.map((result) => resultLine(result, style)), ...sumLines(batch)];
}

function resultLine(result: ControlResult, style: Style): string {
  const [colour, symbol] = LOOKS[result.result];
  const word = style.paint(colour, padEnd(`${style.symbol(symbol)} ${result.result}`, 16));
  const what = result.evidence ?? result.reason ?? '';
  const via = result.via === null ? '' : ` (${result.via})`;
  return `${word} ${padEnd(result.device, 13)} ${padEnd(cleanText(result.name), 16)} ${cleanText(what)}${via}`.trimEnd();
}

function sumLines({ task, summary }: ControlBatch): readonly string[] {
  const { total, success, failure, notApplicable, skipped, pending } = summary;
  const parts = [
    `${success} of ${count(total, 'device')} done`,
    ...(failure > 0 ? [`${failure} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(notApplicable > 0 ? [`${notApplicable} not applicable`] : []),
    ...(pending > 0 ? [`${pending} left`] : []),
  ];
  if (task === undefined) return [`Dry run: ${count(total, 'device')}, nothing was sent.`];
  const next = [
    ...(pending > 0 ? [`The rest: phonectl task run ${task}`] : []),
    ...(pending === 0 && failure > 0 ? [`Again for those that failed: phonectl task retry ${task}`] : []),
  ];
  return [`Task ${task}: ${parts.join(' · ')}`, ...next];
}
