/** The fields by which every effect on devices is steered: the same on all its operations. */
import {
  array,
  boolean,
  check,
  exactOptional,
  type InferOutput,
  integer,
  maxLength,
  maxValue,
  minValue,
  number,
  type ObjectEntries,
  optional,
  picklist,
  pipe,
  regex,
  type StrictObjectSchema,
  string,
  transform,
  union,
} from 'valibot';
import { parseWindow } from '../../domain/window.ts';
import { nameField } from '../fields.ts';
import type { Amount, Schedule, Strategy } from '../ports/tasks.ts';
import { toSchedule } from './schedule.ts';

const SHARE = /^(?:100|\d{1,2})(?:\.\d+)?%$/;

/** A number, or a share as `5%`. */
function amount(least: number) {
  const portion = pipe(
    string(),
    regex(SHARE, 'is not a share such as 5%'),
    transform((text) => text as `${number}%`),
  );
  return union([pipe(number(), integer(), minValue(least)), portion]);
}

/** How: pace, waves, when to stop. */
export const strategyFields = {
  /** Phones at the same time. */
  concurrency: exactOptional(pipe(number(), integer(), minValue(1), maxValue(5000))),
  /** Phones begun per second at the most. */
  rate: exactOptional(pipe(number(), minValue(0.01), maxValue(10_000))),
  /** The same for the phones behind one address. */
  ratePerSource: exactOptional(pipe(number(), minValue(0.01), maxValue(10_000))),
  /** Halts when more than this many failed: a number, or a share of the finished ones as `5%`. */
  maxFailures: exactOptional(amount(0)),
  /** So many of each model go first. */
  canary: exactOptional(amount(1)),
  /** The others go in batches of this many, site after site. */
  batch: exactOptional(amount(1)),
  /** Seconds between two waves. */
  pauseBetween: exactOptional(pipe(number(), minValue(0), maxValue(604_800))),
  /** Times of the day in the time zone of each site: `22:00-05:00`. */
  window: exactOptional(
    pipe(
      string(),
      check((text) => parseWindow(text) !== undefined, 'is not a window such as 22:00-05:00'),
    ),
  ),
  /** Waits for phones in a call instead of leaving them out. */
  whenIdle: exactOptional(boolean()),
  /** Tries per phone. */
  attempts: exactOptional(pipe(number(), integer(), minValue(1), maxValue(20))),
  /** Seconds that a phone has to show that it did it. */
  timeout: exactOptional(pipe(number(), minValue(1), maxValue(86_400))),
} satisfies ObjectEntries;

/** When: now, unless one of these says otherwise. */
export const scheduleFields = {
  /** ISO 8601, `2026-11-22 03:00`, or `03:00`; of what repeats, the time of the day. */
  at: exactOptional(pipe(string(), maxLength(64))),
  /** `10m`, `2h`. */
  in: exactOptional(pipe(string(), maxLength(16))),
  /** daily, weekly, monthly, or a cron expression of five fields. */
  repeat: exactOptional(pipe(string(), maxLength(100))),
  /** Weekdays (mon … sun), or days of the month (1 … 31, last). */
  days: exactOptional(array(pipe(string(), maxLength(16)))),
  /** IANA name; the server's own by default. */
  timeZone: exactOptional(pipe(string(), maxLength(64))),
  /** What becomes of a time at which nobody was there: caught up once, or left out. */
  missed: exactOptional(picklist(['run', 'skip'])),
} satisfies ObjectEntries;

export const executionFields = {
  ...strategyFields,
  ...scheduleFields,
  /** Of the task; made up by default. */
  name: exactOptional(nameField),
  /** Sends nothing: the phones get what is waiting at their next poll. */
  skip: exactOptional(boolean()),
  /** False: make the task and leave it to whoever runs tasks (`serve`, `task run`). */
  wait: optional(boolean(), true),
};

type Output<T extends ObjectEntries> = InferOutput<StrictObjectSchema<T, undefined>>;
export type StrategyInput = Output<typeof strategyFields>;
export type ExecutionInput = Output<typeof executionFields>;

/** When and how a task runs. */
export interface Execution {
  readonly strategy: Partial<Strategy>;
  readonly schedule: Schedule;
  readonly name?: string;
  /** False: the task is made and left to whoever runs tasks. */
  readonly wait: boolean;
}

/** The part of a strategy that was said; times in milliseconds. */
export function toStrategy(input: StrategyInput): Partial<Strategy> {
  const { timeout, pauseBetween, concurrency, rate, ratePerSource, attempts, window, whenIdle } = input;
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(rate !== undefined && { rate }),
    ...(ratePerSource !== undefined && { ratePerSource }),
    ...amountsOf(input),
    ...(attempts !== undefined && { attempts }),
    ...(timeout !== undefined && { timeout: timeout * 1000 }),
    ...(pauseBetween !== undefined && { pauseBetween: pauseBetween * 1000 }),
    ...(window !== undefined && { window }),
    ...(whenIdle !== undefined && { whenIdle }),
  };
}

function amountsOf({ maxFailures, canary, batch }: StrategyInput): { [name: string]: Amount } {
  return {
    ...(maxFailures !== undefined && { maxFailures }),
    ...(canary !== undefined && { canary }),
    ...(batch !== undefined && { batch }),
  };
}

/** Throws `usage` for a time that cannot be. */
export async function toExecution(input: ExecutionInput, now: number): Promise<Execution> {
  const { name, wait, skip } = input;
  return {
    strategy: { ...toStrategy(input), ...(skip === true && { skip }) },
    schedule: await toSchedule(input, now),
    ...(name !== undefined && { name }),
    wait,
  };
}
