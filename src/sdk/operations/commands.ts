/** What phones can be told beside rebooting, as operations. Each is a task: success is what was seen (design.md 7). */
import {
  array,
  boolean,
  check,
  exactOptional,
  integer,
  maxLength,
  maxValue,
  minLength,
  minValue,
  number,
  optional,
  picklist,
  pipe,
  regex,
  strictObject,
  string,
} from 'valibot';
import { RESET_SCOPES } from '../../domain/commands.ts';
import { checkText, excerpt } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import { runCommand, sendText, setParameters } from '../control/commands.ts';
import { whyOffline } from '../control/why-offline.ts';
import { selectorSchema } from '../devices/fields.ts';
import { dryRunField, referenceField } from '../fields.ts';
import { operation, streamOperation } from '../operation.ts';
import { runFields, toRequest } from './control.ts';

/** Of every command: which phones, how the task goes. */
export const commandFields = { selector: selectorSchema, ...runFields, ...dryRunField };

/** DEV-45: several lines are possible, other control characters are not. */
export const messageText = pipe(
  string(),
  minLength(1, 'is empty'),
  check(
    (text) => text.split('\n').every((line) => checkText(line, 1000) === undefined) && text.length <= 1000,
    ({ input }) => `"${excerpt(input)}" is longer than 1000 characters or holds what no screen shows`,
  ),
);

const keyName = pipe(string(), regex(/^(?:[A-Za-z0-9_-]{1,32}|[*#])$/, 'is no name of a key'));

export const commands = {
  restart: streamOperation({
    summary: 'Restarts the application of devices without a full reboot.',
    permission: 'device:reboot',
    effect: 'disruptive',
    input: strictObject({
      ...commandFields,
      /** Also in the middle of a call. */
      force: exactOptional(boolean()),
    }),
    async *run(context: OperationContext, input) {
      yield* runCommand(context, 'restart', await toRequest(context, input));
    },
  }),

  reset: streamOperation({
    summary: 'Resets devices, as a whole or one layer of what was set at them.',
    permission: 'device:reset',
    effect: 'destructive',
    input: strictObject({
      ...commandFields,
      /** What was set on its web page, at the phone, its device settings, all three, or everything. */
      scope: picklist(RESET_SCOPES),
    }),
    async *run(context: OperationContext, { scope, ...input }) {
      yield* runCommand(context, 'reset', await toRequest(context, input), { scope });
    },
  }),

  dnd: streamOperation({
    summary: 'Switches do not disturb on or off.',
    permission: 'device:dnd',
    effect: 'write',
    input: strictObject({
      ...commandFields,
      on: boolean(),
      /** User name of the one account that it is for; all of a phone's by default. */
      account: exactOptional(referenceField),
    }),
    async *run(context: OperationContext, { on, account, ...input }) {
      yield* runCommand(context, 'dnd', await toRequest(context, input), {
        on,
        ...(account !== undefined && { account }),
      });
    },
  }),

  message: streamOperation({
    summary: 'Puts a text on the screens of devices.',
    permission: 'device:message',
    effect: 'write',
    input: strictObject({
      ...commandFields,
      text: messageText,
      /** How long it stays, as far as the phone can be told; 0: until somebody removes it. */
      seconds: optional(pipe(number(), integer(), minValue(0), maxValue(86_400)), 30),
    }),
    async *run(context: OperationContext, { text, seconds, ...input }) {
      yield* sendText(context, await toRequest(context, input), { text, seconds });
    },
  }),

  key: streamOperation({
    summary: 'Presses keys of devices, one after the other.',
    permission: 'device:key',
    effect: 'disruptive',
    input: strictObject({
      ...commandFields,
      /** 0 to 9, star, pound, up, down, left, right, ok, home, soft1, line1 …, or the phone's own names. */
      keys: pipe(array(keyName), minLength(1, 'names no key'), maxLength(40)),
    }),
    async *run(context: OperationContext, { keys, ...input }) {
      yield* runCommand(context, 'key', await toRequest(context, input), { keys });
    },
  }),

  adPassword: streamOperation({
    summary: 'Sets the Active Directory password that devices log in with.',
    permission: 'device:password',
    effect: 'disruptive',
    input: strictObject({
      ...commandFields,
      password: pipe(string(), minLength(1, 'is empty'), maxLength(256)),
      /** The registration that logs in. */
      line: optional(pipe(number(), integer(), minValue(1), maxValue(34)), 1),
    }),
    async *run(context: OperationContext, { password, line, ...input }) {
      // DEV-56: it runs as a task that sets parameters.
      yield* setParameters(context, await toRequest(context, input), { [`reg.${line}.auth.password`]: password });
    },
  }),

  whyOffline: operation({
    summary: 'Says what is known of why a device is not there.',
    permission: 'device:read',
    effect: 'read',
    input: strictObject({ device: referenceField, plainBasic: exactOptional(boolean()) }),
    run: (context: OperationContext, input) => whyOffline(context, input),
  }),
};
