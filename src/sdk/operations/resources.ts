/** Files for many phones, as operations. */
import { array, integer, minValue, number, optional, pipe, strictObject, string } from 'valibot';
import { bytesInput } from '../bytes.ts';
import { dryRunField, nameField, referenceField, referencesField, textField } from '../fields.ts';
import { operation, streamOperation } from '../operation.ts';
import {
  addResource,
  deleteResources,
  downloadResource,
  editResource,
  listResources,
  showResource,
} from '../resources/resources.ts';

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
};
