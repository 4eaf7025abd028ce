/** Single parameters of phones, as operations (REST-03..08). */
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
  pipe,
  record,
  regex,
  strictObject,
  string,
} from 'valibot';
import type { DeviceSelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import { setParameters } from '../control/commands.ts';
import { selectorSchema } from '../devices/fields.ts';
import { streamOperation } from '../operation.ts';
import { getParameters } from '../params/get.ts';
import { commandFields } from './commands.ts';
import { toRequest } from './control.ts';

const name = pipe(string(), regex(/^[\w.@-]{1,200}$/, 'is no name of a parameter'));

export const parameters = {
  get: streamOperation({
    summary: 'Asks devices what they run under these names.',
    permission: 'param:read',
    effect: 'read',
    input: strictObject({
      selector: selectorSchema,
      names: pipe(array(name), minLength(1, 'names nothing'), maxLength(1000)),
      /** Phones at the same time. */
      concurrency: exactOptional(pipe(number(), integer(), minValue(1), maxValue(1000))),
      plainBasic: exactOptional(boolean()),
    }),
    run: (context: OperationContext, { names, ...input }) =>
      getParameters(context, { ...input, selector: input.selector as DeviceSelector }, names),
  }),

  set: streamOperation({
    summary: 'Sets parameters in the own layer of devices, above what they fetch.',
    permission: 'param:set',
    effect: 'disruptive',
    input: strictObject({
      ...commandFields,
      parameters: pipe(
        record(name, pipe(string(), maxLength(12_288))),
        check((all) => Object.keys(all).length > 0, 'names nothing'),
        check((all) => Object.keys(all).length <= 1000, 'names more than 1000'),
      ),
    }),
    async *run(context: OperationContext, { parameters: values, ...input }) {
      yield* setParameters(context, await toRequest(context, input), values);
    },
  }),
};
