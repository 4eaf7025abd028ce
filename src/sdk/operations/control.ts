/** Making phones do something, as operations. The work is in `sdk/control` and the task engine. */
import {
  boolean,
  exactOptional,
  integer,
  maxValue,
  minValue,
  number,
  optional,
  pipe,
  regex,
  strictObject,
  string,
  union,
} from 'valibot';
import type { DeviceSelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import { type ControlRequest, runControl } from '../control/run.ts';
import { readStatus, refreshDevices } from '../control/status.ts';
import { selectorSchema } from '../devices/fields.ts';
import { dryRunField } from '../fields.ts';
import { operation, streamOperation } from '../operation.ts';
import type { Strategy } from '../ports/tasks.ts';

/** The fields by which every task on devices is steered. */
export const runFields = {
  /** One of the driver's transports instead of its order. */
  via: exactOptional(string()),
  /** Phones at the same time. */
  concurrency: exactOptional(pipe(number(), integer(), minValue(1), maxValue(5000))),
  /** Phones begun per second at the most. */
  rate: exactOptional(pipe(number(), minValue(0.01), maxValue(10_000))),
  /** Halts when more than this many have failed: a number, or a share as `5%`. */
  maxFailures: exactOptional(
    union([pipe(number(), integer(), minValue(0)), pipe(string(), regex(/^\d{1,3}(?:\.\d+)?%$/, 'is not like 5%'))]),
  ),
  /** Tries per phone. */
  attempts: exactOptional(pipe(number(), integer(), minValue(1), maxValue(20))),
  /** Seconds that a phone has to show that it did it. */
  timeout: exactOptional(pipe(number(), minValue(1), maxValue(86_400))),
  /** False: make the task and leave it to whoever runs tasks (`serve`, `task run`). */
  wait: optional(boolean(), true),
  /** Accepts Basic over plain HTTP, where a phone knows nothing better. */
  plainBasic: exactOptional(boolean()),
};

const controlInput = strictObject({ selector: selectorSchema, ...runFields, ...dryRunField });
const rebootInput = strictObject({
  selector: selectorSchema,
  ...runFields,
  ...dryRunField,
  /** Also in the middle of a call. */
  force: exactOptional(boolean()),
});

export interface RunInput {
  readonly selector: unknown;
  readonly via?: string;
  readonly force?: boolean;
  readonly concurrency?: number;
  readonly rate?: number;
  readonly maxFailures?: number | string;
  readonly attempts?: number;
  readonly timeout?: number;
  readonly wait: boolean;
  readonly plainBasic?: boolean;
  readonly dryRun?: boolean | undefined;
}

export function toRequest(input: RunInput): ControlRequest {
  const { via, force, plainBasic, concurrency, rate, maxFailures, attempts, timeout } = input;
  return {
    selector: input.selector as DeviceSelector,
    ...(via !== undefined && { via }),
    ...(force !== undefined && { force }),
    ...(plainBasic !== undefined && { plainBasic }),
    strategy: {
      ...(concurrency !== undefined && { concurrency }),
      ...(rate !== undefined && { rate }),
      ...(maxFailures !== undefined && { maxFailures: maxFailures as NonNullable<Strategy['maxFailures']> }),
      ...(attempts !== undefined && { attempts }),
      ...(timeout !== undefined && { timeout: timeout * 1000 }),
    },
    wait: input.wait,
    dryRun: input.dryRun === true,
  };
}

export const control = {
  reboot: streamOperation({
    summary: 'Reboots devices and says which of them were seen to come back.',
    permission: 'device:reboot',
    effect: 'disruptive',
    input: rebootInput,
    run: (context: OperationContext, input) => runControl(context, 'reboot', toRequest(input)),
  }),

  checkSync: streamOperation({
    summary: 'Makes devices fetch their configuration and says which of them were seen to do it.',
    permission: 'device:check-sync',
    effect: 'disruptive',
    input: controlInput,
    run: (context: OperationContext, input) => runControl(context, 'check-sync', toRequest(input)),
  }),

  status: operation({
    summary: 'Asks one device how it is, and shows it beside what the server has seen.',
    permission: 'device:read',
    effect: 'read',
    input: strictObject({ device: string(), plainBasic: exactOptional(boolean()), offline: exactOptional(boolean()) }),
    run: (context: OperationContext, input) => readStatus(context, input),
  }),

  refresh: streamOperation({
    summary: 'Asks devices how they are and keeps what they say.',
    permission: 'device:refresh',
    effect: 'write',
    input: strictObject({
      selector: selectorSchema,
      concurrency: exactOptional(pipe(number(), integer(), minValue(1), maxValue(5000))),
      plainBasic: exactOptional(boolean()),
      ...dryRunField,
    }),
    run: (context: OperationContext, input) =>
      refreshDevices(context, { ...input, selector: input.selector as DeviceSelector }),
  }),
};
