/** Calls of phones, as operations. */
import {
  exactOptional,
  integer,
  maxValue,
  minValue,
  number,
  optional,
  picklist,
  pipe,
  regex,
  strictObject,
  string,
} from 'valibot';
import { DIAL_TYPES } from '../../domain/commands.ts';
import type { DeviceSelector } from '../../domain/selector.ts';
import { callStatus } from '../calls/status.ts';
import type { OperationContext } from '../context.ts';
import { runCommand } from '../control/commands.ts';
import type { CommandTask } from '../control/kinds.ts';
import type { ControlEvent } from '../control/run.ts';
import { selectorSchema } from '../devices/fields.ts';
import { streamOperation } from '../operation.ts';
import { commandFields } from './commands.ts';
import { type RunInput, toRequest } from './control.ts';

/** A number or an address; nothing that could become a second parameter on the way to the phone. */
const address = pipe(
  string(),
  regex(/^[A-Za-z0-9+*#._~:@-]{1,128}$/, 'is no number and no address that can be dialled'),
);

const plainInput = strictObject(commandFields);

function plain(type: CommandTask, summary: string) {
  return streamOperation({
    summary,
    permission: 'call:control',
    effect: 'disruptive',
    input: plainInput,
    run: (context: OperationContext, input) => act(context, type, input, {}),
  });
}

async function* act(
  context: OperationContext,
  type: CommandTask,
  input: RunInput,
  command: Readonly<Record<string, unknown>>,
): AsyncGenerator<ControlEvent> {
  yield* runCommand(context, type, await toRequest(context, input), command);
}

export const calls = {
  dial: streamOperation({
    summary: 'Makes devices place a call.',
    permission: 'call:control',
    effect: 'disruptive',
    input: strictObject({
      ...commandFields,
      to: address,
      type: optional(picklist(DIAL_TYPES), 'tel'),
      line: optional(pipe(number(), integer(), minValue(1), maxValue(1000)), 1),
    }),
    run: (context: OperationContext, { to, type, line, ...input }) => act(context, 'dial', input, { to, type, line }),
  }),
  answer: plain('call-answer', 'Makes devices answer the call that rings at them.'),
  hold: plain('call-hold', 'Puts the connected call of devices on hold.'),
  resume: plain('call-resume', 'Takes the held call of devices back.'),
  end: plain('call-end', 'Ends the call of devices.'),
  transfer: streamOperation({
    summary: 'Transfers the call of devices to another number, without asking there.',
    permission: 'call:control',
    effect: 'disruptive',
    input: strictObject({ ...commandFields, to: address }),
    run: (context: OperationContext, { to, ...input }) => act(context, 'call-transfer', input, { to }),
  }),
  status: streamOperation({
    summary: 'Says which calls devices have.',
    permission: 'call:read',
    effect: 'read',
    input: strictObject({
      selector: selectorSchema,
      /** Phones at the same time. */
      concurrency: exactOptional(pipe(number(), integer(), minValue(1), maxValue(1000))),
    }),
    run: (context: OperationContext, input) =>
      callStatus(context, { ...input, selector: input.selector as DeviceSelector }),
  }),
};
