/** Making phones do something, as operations. The work is in `sdk/control` and the task engine. */
import {
  array,
  boolean,
  exactOptional,
  integer,
  maxValue,
  minLength,
  minValue,
  number,
  picklist,
  pipe,
  strictObject,
  string,
} from 'valibot';
import type { DeviceSelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import { INSPECTION_PARTS, type InspectionPart, inspectDevice } from '../control/inspect.ts';
import type { ControlType } from '../control/kinds.ts';
import { refreshDevices } from '../control/refresh.ts';
import { type ControlEvent, type ControlRequest, runControl } from '../control/run.ts';
import { readStatus } from '../control/status.ts';
import { selectorSchema } from '../devices/fields.ts';
import { dryRunField, referenceField } from '../fields.ts';
import { operation, streamOperation } from '../operation.ts';
import { type ExecutionInput, executionFields, toExecution } from '../tasks/fields.ts';

/** The fields of every effect on devices: how to reach them, and how the task goes. */
export const runFields = {
  /** One of the driver's transports instead of its order. */
  via: exactOptional(string()),
  /** Accepts Basic over plain HTTP, where a phone knows nothing better. */
  plainBasic: exactOptional(boolean()),
  ...executionFields,
};

const controlInput = strictObject({ selector: selectorSchema, ...runFields, ...dryRunField });
const rebootInput = strictObject({
  selector: selectorSchema,
  ...runFields,
  ...dryRunField,
  /** Also in the middle of a call. */
  force: exactOptional(boolean()),
});

export interface RunInput extends ExecutionInput {
  readonly selector: unknown;
  readonly via?: string;
  readonly force?: boolean;
  readonly plainBasic?: boolean;
  readonly dryRun?: boolean | undefined;
}

export async function toRequest(context: OperationContext, input: RunInput): Promise<ControlRequest> {
  const { via, force, plainBasic } = input;
  return {
    selector: input.selector as DeviceSelector,
    ...(via !== undefined && { via }),
    ...(force !== undefined && { force }),
    ...(plainBasic !== undefined && { plainBasic }),
    ...(await toExecution(input, context.clock.now())),
    dryRun: input.dryRun === true,
  };
}

/** What somebody must be allowed beside seeing the device. */
const FURTHER: Readonly<Partial<Record<InspectionPart, string>>> = {
  call: 'call:read',
  profiles: 'config:read',
  files: 'device-file:read',
};

async function* act(context: OperationContext, type: ControlType, input: RunInput): AsyncGenerator<ControlEvent> {
  yield* runControl(context, type, await toRequest(context, input));
}

export const control = {
  reboot: streamOperation({
    summary: 'Reboots devices and says which of them were seen to come back.',
    permission: 'device:reboot',
    effect: 'disruptive',
    input: rebootInput,
    run: (context: OperationContext, input) => act(context, 'reboot', input),
  }),

  checkSync: streamOperation({
    summary: 'Makes devices fetch their configuration and says which of them were seen to do it.',
    permission: 'device:check-sync',
    effect: 'disruptive',
    input: controlInput,
    run: (context: OperationContext, input) => act(context, 'check-sync', input),
  }),

  status: operation({
    summary: 'Asks one device how it is, and shows it beside what the server has seen.',
    permission: 'device:read',
    effect: 'read',
    input: strictObject({ device: string(), plainBasic: exactOptional(boolean()), offline: exactOptional(boolean()) }),
    run: (context: OperationContext, input) => readStatus(context, input),
  }),

  inspect: operation({
    summary: 'Looks into one device: what it says of itself, its network and its calls, its profiles and its files.',
    permission: 'device:read',
    effect: 'read',
    input: strictObject({
      device: referenceField,
      parts: pipe(array(picklist(INSPECTION_PARTS)), minLength(1, 'names no part')),
      plainBasic: exactOptional(boolean()),
    }),
    run: (context: OperationContext, input) => {
      for (const part of input.parts) {
        const permission = FURTHER[part];
        if (permission !== undefined) context.require(permission);
      }
      return inspectDevice(context, input);
    },
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
