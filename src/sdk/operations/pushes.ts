/** The closed loop of configuration: bring it to phones, and see what they run. */
import {
  boolean,
  exactOptional,
  integer,
  maxValue,
  minValue,
  number,
  optional,
  pipe,
  record,
  strictObject,
  string,
  unknown,
} from 'valibot';
import type { DeviceSelector } from '../../domain/selector.ts';
import { bytesInput } from '../bytes.ts';
import type { OperationContext } from '../context.ts';
import { selectorSchema } from '../devices/fields.ts';
import { dryRunField } from '../fields.ts';
import { operation, streamOperation } from '../operation.ts';
import { pushConfiguration } from '../push/push.ts';
import { configurationDrift, configurationStatus } from '../push/read.ts';
import { writeWithPlan } from '../push/write.ts';
import { runFields, toRequest } from './control.ts';

/** The operation's name and its own input. */
const writeFields = { operation: string(), input: optional(record(string(), unknown())), ...dryRunField };

export const pushes = {
  push: streamOperation({
    summary: 'Makes devices fetch what they should run, and says which of them were seen to run it.',
    permission: 'config:push',
    effect: 'disruptive',
    input: strictObject({ selector: selectorSchema, ...runFields, ...dryRunField }),
    async *run(context: OperationContext, input) {
      yield* pushConfiguration(context, await toRequest(context, input));
    },
  }),

  status: streamOperation({
    summary: 'Says of devices whether they were served and run what they should, without asking them.',
    permission: 'config:read',
    effect: 'read',
    input: strictObject({ selector: selectorSchema }),
    run: (context: OperationContext, input) =>
      configurationStatus(context, { selector: input.selector as DeviceSelector }),
  }),

  write: operation({
    summary: 'Does another write, and says which devices get something else by it.',
    permission: 'config:write',
    effect: 'write',
    input: strictObject(writeFields),
    run: writeWithPlan,
  }),

  writeBytes: operation({
    summary: 'Does another write that takes bytes, and says which devices get something else by it.',
    permission: 'config:write',
    effect: 'write',
    input: strictObject({ ...writeFields, source: bytesInput() }),
    run: writeWithPlan,
  }),

  drift: streamOperation({
    summary: 'Asks devices what they run, and says where it differs from what they should.',
    permission: 'config:read',
    effect: 'read',
    input: strictObject({
      selector: selectorSchema,
      /** Asks no phone; looks at the overrides that phones uploaded. */
      offline: optional(boolean()),
      /** Phones at the same time. */
      concurrency: exactOptional(pipe(number(), integer(), minValue(1), maxValue(1000))),
      plainBasic: exactOptional(boolean()),
    }),
    run: (context: OperationContext, input) =>
      configurationDrift(context, { ...input, selector: input.selector as DeviceSelector }),
  }),
};
