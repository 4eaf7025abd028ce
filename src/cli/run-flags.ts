/** How and when an effect on devices happens: the same flags on every command that has one. */
import { boolean, integer, string } from '@oclif/core/flags';
import { choice } from './flags.ts';
import { UsageValueError } from './usage-error.ts';

const WHEN = 'WHEN';
const HOW = 'TASK';

/** How a task goes through its devices. */
export const strategyFlags = {
  concurrency: integer({
    summary: 'Phones at the same time. One that takes twice as long as the others holds no place.',
    helpValue: 'N',
    min: 1,
    max: 5000,
    helpGroup: HOW,
  }),
  rate: string({ summary: 'Phones begun per second, at most.', helpValue: 'N', helpGroup: HOW }),
  'rate-per-source': string({
    summary: 'The same for the phones behind one address.',
    helpValue: 'N',
    helpGroup: HOW,
  }),
  canary: string({
    summary: 'So many of each model go first: 2, or 1%. If too many of them fail, nothing else begins.',
    helpValue: 'N|N%',
    helpGroup: HOW,
  }),
  batch: string({
    summary: 'The others go in batches of this many, site after site: 50, or 20%.',
    helpValue: 'N|N%',
    helpGroup: HOW,
  }),
  'pause-between': string({
    summary: 'How long to wait between two waves: 90s, 10m.',
    helpValue: 'TIME',
    helpGroup: HOW,
  }),
  'max-failures': string({
    summary: 'Stop when more than this many have failed: 10, or 5% of the finished ones.',
    helpValue: 'N|N%',
    helpGroup: HOW,
  }),
  window: string({
    summary: 'Begin at these times only, in the time zone of each site: 22:00-05:00.',
    helpValue: 'FROM-TO',
    helpGroup: HOW,
  }),
  'when-idle': boolean({ summary: 'Wait for phones in a call instead of leaving them out.', helpGroup: HOW }),
  retry: integer({ summary: 'Tries per phone.', helpValue: 'N', min: 1, max: 20, helpGroup: HOW }),
  timeout: integer({
    summary: 'Seconds that a phone has to show that it did it. Default 300.',
    helpValue: 'SECONDS',
    min: 1,
    helpGroup: HOW,
  }),
};

/** When it happens. */
export const scheduleFlags = {
  at: string({
    summary: 'Not now but then: 22:30, "2026-11-30 22:30", 2026-11-30T22:30:00+01:00.',
    helpValue: 'TIME',
    helpGroup: WHEN,
  }),
  in: string({ summary: 'Not now but after this time: 10m, 2h.', helpValue: 'TIME', helpGroup: WHEN }),
  repeat: string({
    summary: 'Again and again: daily, weekly or monthly (with --at), or a cron expression of five fields.',
    helpValue: 'RULE',
    helpGroup: WHEN,
  }),
  day: string({
    summary: 'Weekday (mon … sun) or day of the month (1 … 31, last) of what repeats. Repeatable.',
    helpValue: 'DAY',
    multiple: true,
    helpGroup: WHEN,
  }),
  tz: string({
    summary: 'Time zone of these times; default is that of the server.',
    helpValue: 'ZONE',
    helpGroup: WHEN,
  }),
  missed: choice(['run', 'skip'], {
    summary: 'What becomes of a time at which nobody was there: caught up once, or left out.',
    helpGroup: WHEN,
  }),
};

/** On every command with an effect on phones. */
export const runFlags = {
  ...strategyFlags,
  ...scheduleFlags,
  name: string({ summary: 'Name of the task.', helpValue: 'NAME', helpGroup: WHEN }),
  skip: boolean({
    summary: 'Send nothing: the phones get what is waiting at their next poll.',
    helpGroup: WHEN,
  }),
  wait: boolean({
    summary: 'Wait for the end; without, the server or `phonectl task run` does the work.',
    allowNo: true,
    default: true,
    helpGroup: WHEN,
  }),
};

export interface StrategyFlagValues {
  readonly concurrency?: number | undefined;
  readonly rate?: string | undefined;
  readonly 'rate-per-source'?: string | undefined;
  readonly canary?: string | undefined;
  readonly batch?: string | undefined;
  readonly 'pause-between'?: string | undefined;
  readonly 'max-failures'?: string | undefined;
  readonly window?: string | undefined;
  readonly 'when-idle'?: boolean | undefined;
  readonly retry?: number | undefined;
  readonly timeout?: number | undefined;
}

interface ScheduleFlagValues {
  readonly at?: string | undefined;
  readonly in?: string | undefined;
  readonly repeat?: string | undefined;
  readonly day?: string[] | undefined;
  readonly tz?: string | undefined;
  readonly missed?: 'run' | 'skip' | undefined;
}

export interface RunFlagValues extends StrategyFlagValues, ScheduleFlagValues {
  readonly name?: string | undefined;
  readonly skip?: boolean | undefined;
  readonly wait: boolean;
}

export interface StrategyInput {
  concurrency?: number;
  rate?: number;
  ratePerSource?: number;
  canary?: number | string;
  batch?: number | string;
  pauseBetween?: number;
  maxFailures?: number | string;
  window?: string;
  whenIdle?: boolean;
  attempts?: number;
  timeout?: number;
}

export interface ScheduleInput {
  at?: string;
  in?: string;
  repeat?: string;
  days?: string[];
  timeZone?: string;
  missed?: 'run' | 'skip';
}

export interface RunInput extends StrategyInput, ScheduleInput {
  name?: string;
  skip?: boolean;
  wait: boolean;
}

/** The flags as operations take them; what was not given is not in it. */
export function strategyInput(flags: StrategyFlagValues): StrategyInput {
  const rate = perSecond(flags.rate, 'rate');
  const ratePerSource = perSecond(flags['rate-per-source'], 'rate-per-source');
  const canary = amount(flags.canary, 'canary');
  const batch = amount(flags.batch, 'batch');
  const maxFailures = amount(flags['max-failures'], 'max-failures');
  const pauseBetween = seconds(flags['pause-between'], 'pause-between');
  return {
    ...(flags.concurrency !== undefined && { concurrency: flags.concurrency }),
    ...(rate !== undefined && { rate }),
    ...(ratePerSource !== undefined && { ratePerSource }),
    ...(canary !== undefined && { canary }),
    ...(batch !== undefined && { batch }),
    ...(pauseBetween !== undefined && { pauseBetween }),
    ...(maxFailures !== undefined && { maxFailures }),
    ...(flags.window !== undefined && { window: flags.window }),
    ...(flags['when-idle'] === true && { whenIdle: true }),
    ...(flags.retry !== undefined && { attempts: flags.retry }),
    ...(flags.timeout !== undefined && { timeout: flags.timeout }),
  };
}

export function scheduleInput(flags: ScheduleFlagValues): ScheduleInput {
  return {
    ...(flags.at !== undefined && { at: flags.at }),
    ...(flags.in !== undefined && { in: flags.in }),
    ...(flags.repeat !== undefined && { repeat: flags.repeat }),
    ...(flags.day !== undefined && { days: flags.day }),
    ...(flags.tz !== undefined && { timeZone: flags.tz }),
    ...(flags.missed !== undefined && { missed: flags.missed }),
  };
}

export function runInput(flags: RunFlagValues): RunInput {
  return {
    ...strategyInput(flags),
    ...scheduleInput(flags),
    ...(flags.name !== undefined && { name: flags.name }),
    ...(flags.skip === true && { skip: true }),
    wait: flags.wait,
  };
}

function perSecond(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const rate = Number(text);
  if (!(rate > 0)) throw new UsageValueError(`--${flag} wants a number above 0, such as 5 or 0.5.`);
  return rate;
}

/** `10`, or `5%`. */
export function amount(text: string | undefined, flag: string): number | string | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(?:\.\d+)?%$|^\d+$/.test(text))
    throw new UsageValueError(`--${flag} wants a number or a share: 10, or 5%.`);
  return text.endsWith('%') ? text : Number(text);
}

function seconds(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+)([smh])$/.exec(text);
  if (match === null) throw new UsageValueError(`--${flag} wants a length of time such as 90s, 10m or 1h.`);
  return Number(match[1]) * { s: 1, m: 60, h: 3600 }[match[2] as 's' | 'm' | 'h'];
}
