/** Packet captures of phones, as operations. */
import {
  boolean,
  check,
  exactOptional,
  integer,
  maxValue,
  minValue,
  number,
  optional,
  pipe,
  strictObject,
  string,
} from 'valibot';
import { CAPTURE_MEGABYTES, CAPTURE_MINUTES } from '../../domain/commands.ts';
import type { DeviceSelector } from '../../domain/selector.ts';
import { checkText, excerpt } from '../../domain/text.ts';
import { downloadCapture, listCaptures } from '../captures/read.ts';
import type { OperationContext } from '../context.ts';
import { runCommand } from '../control/commands.ts';
import { selectorSchema } from '../devices/fields.ts';
import { referenceField } from '../fields.ts';
import { streamOperation } from '../operation.ts';
import { commandFields } from './commands.ts';
import { toRequest } from './control.ts';

/** What phones understand of it is their own affair; it must only be one line. */
const filterField = pipe(
  string(),
  check(
    (text) => checkText(text, 255) === undefined,
    ({ input }) => `"${excerpt(input)}" is longer than 255 characters or more than one line`,
  ),
);

export const captures = {
  start: streamOperation({
    summary: 'Starts packet captures on devices.',
    permission: 'diag:capture',
    effect: 'disruptive',
    input: strictObject({
      ...commandFields,
      /** In the phone's own syntax; everything by default. */
      filter: exactOptional(filterField),
      megabytes: optional(
        pipe(number(), integer(), minValue(CAPTURE_MEGABYTES.least), maxValue(CAPTURE_MEGABYTES.most)),
        CAPTURE_MEGABYTES.most,
      ),
      /** It is stopped then, and kept. */
      minutes: optional(pipe(number(), integer(), minValue(CAPTURE_MINUTES.least), maxValue(CAPTURE_MINUTES.most)), 60),
      /** Switches the feature on where it is off, which may restart the phone, and off again afterwards. */
      enable: optional(boolean(), false),
    }),
    async *run(context: OperationContext, { filter = '', megabytes, minutes, enable, ...input }) {
      const author = context.actor.name;
      const wish = { filter, megabytes, minutes, enable, author };
      yield* runCommand(context, 'capture-start', await toRequest(context, input), wish);
    },
  }),

  stop: streamOperation({
    summary: 'Stops packet captures; what they hold is sent to the server and kept.',
    permission: 'diag:capture',
    effect: 'write',
    input: strictObject(commandFields),
    async *run(context: OperationContext, input) {
      yield* runCommand(context, 'capture-stop', await toRequest(context, input));
    },
  }),

  cancel: streamOperation({
    summary: 'Ends packet captures and keeps nothing of them.',
    permission: 'diag:capture',
    effect: 'write',
    input: strictObject(commandFields),
    async *run(context: OperationContext, input) {
      yield* runCommand(context, 'capture-cancel', await toRequest(context, input));
    },
  }),

  list: streamOperation({
    summary: 'Lists packet captures, the newest first.',
    permission: 'diag:capture',
    effect: 'read',
    input: strictObject({ selector: exactOptional(selectorSchema) }),
    run: (context: OperationContext, { selector }) =>
      listCaptures(context, selector === undefined ? {} : { selector: selector as DeviceSelector }),
  }),

  download: streamOperation({
    summary: 'Gives out a packet capture, unpacked; who did so is recorded.',
    permission: 'diag:capture',
    effect: 'read',
    reveals: () => true,
    input: strictObject({
      device: referenceField,
      /** The newest by default. */
      file: exactOptional(referenceField),
      /** As it came from the phone. */
      raw: exactOptional(boolean()),
    }),
    run: (context: OperationContext, input) => downloadCapture(context, input),
  }),
};
