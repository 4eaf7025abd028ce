/** Files for many phones, as operations. */
import { array, boolean, integer, minLength, minValue, number, optional, pipe, strictObject, string } from 'valibot';
import { bytesInput } from '../bytes.ts';
import type { OperationContext } from '../context.ts';
import type { ControlEvent } from '../control/run.ts';
import { selectorSchema } from '../devices/fields.ts';
import { dryRunField, nameField, referenceField, referencesField, textField } from '../fields.ts';
import { operation, streamOperation } from '../operation.ts';
import { pushResources } from '../resources/push.ts';
import {
  addResource,
  deleteResources,
  downloadResource,
  editResource,
  listResources,
  showResource,
} from '../resources/resources.ts';
import { runFields, toRequest } from './control.ts';

const about = {
  name: optional(nameField),
  description: optional(textField),
  models: optional(array(referenceField)),
};

export const resources = {
  list: streamOperation({
    summary: 'Lists the files that many phones fetch.',
    permission: 'resource:read',
    effect: 'read',
    input: strictObject({ search: optional(string()) }),
    run: listResources,
  }),
  show: operation({
    summary: 'Shows a resource.',
    permission: 'resource:read',
    effect: 'read',
    input: strictObject({ resource: referenceField }),
    run: (context, { resource }) => showResource(context, resource),
  }),
  add: operation({
    summary: 'Adds a file that phones can fetch.',
    permission: 'resource:add',
    effect: 'write',
    input: strictObject({
      source: bytesInput(),
      file: referenceField,
      ...about,
      maxSize: optional(pipe(number(), integer(), minValue(1))),
    }),
    run: addResource,
  }),
  edit: operation({
    summary: 'Changes what is said of a resource, or replaces its file.',
    permission: 'resource:edit',
    effect: 'write',
    input: strictObject({
      resource: referenceField,
      source: optional(bytesInput()),
      file: optional(referenceField),
      ...about,
      ...dryRunField,
    }),
    run: editResource,
  }),
  delete: operation({
    summary: 'Deletes resources; phones get them no more.',
    permission: 'resource:delete',
    effect: 'destructive',
    input: strictObject({ resources: referencesField, ...dryRunField }),
    run: deleteResources,
  }),
  download: streamOperation({
    summary: 'Gives out the bytes of a resource, checked against its SHA-256.',
    permission: 'resource:read',
    effect: 'read',
    input: strictObject({ resource: referenceField }),
    run: (context, { resource }) => downloadResource(context, resource),
  }),
  push: streamOperation({
    summary: 'Gives files to devices, one of each type, and says which of them fetched them.',
    permission: 'resource:push',
    effect: 'disruptive',
    input: strictObject({
      /** Names or numbers; one of each type (RES-11). */
      resources: pipe(array(referenceField), minLength(1)),
      /** The parameter for the file, where phonectl does not know one. */
      param: optional(referenceField),
      selector: selectorSchema,
      ...runFields,
      /** Leaves out devices that it does not suit, instead of refusing the whole. */
      fitting: optional(boolean()),
      ...dryRunField,
    }),
    async *run(context: OperationContext, input): AsyncGenerator<ControlEvent> {
      const { resources: names, param, fitting } = input;
      yield* pushResources(context, { ...(await toRequest(context, input)), resources: names, param, fitting });
    },
  }),
};
