/** Everything that can be done with devices in the inventory; what makes a phone do something is elsewhere. */
import { array, boolean, minLength, optional, picklist, pipe, strictObject, string } from 'valibot';
import { exportDevices } from '../devices/export.ts';
import {
  assignSchema,
  editDevicesSchema,
  listSchema,
  newDeviceSchema,
  selectorSchema,
  unassignSchema,
} from '../devices/fields.ts';
import { importDevices } from '../devices/import/import.ts';
import { assign, unassign } from '../devices/lines.ts';
import { countDevices, listDevices, showDevice } from '../devices/read.ts';
import { deleteDevices, replaceDevice } from '../devices/remove.ts';
import { deviceTemplate } from '../devices/template.ts';
import { addDevices, editDevices } from '../devices/write.ts';
import { dryRunField, referenceField } from '../fields.ts';
import { exportFields } from '../imports/export-fields.ts';
import { importFields } from '../imports/fields.ts';
import { operation, streamOperation } from '../operation.ts';

export const devices = {
  list: streamOperation({
    summary: 'Lists devices.',
    permission: 'device:read',
    effect: 'read',
    input: listSchema,
    run: listDevices,
  }),
  count: operation({
    summary: 'Counts devices and those that need a human.',
    permission: 'device:read',
    effect: 'read',
    input: strictObject({ selector: optional(selectorSchema) }),
    run: countDevices,
  }),
  show: operation({
    summary: 'Shows everything known of one device.',
    permission: 'device:read',
    effect: 'read',
    reveals: ({ reveal }) => reveal === true,
    input: strictObject({ device: referenceField, reveal: optional(boolean()) }),
    run: showDevice,
  }),
  add: operation({
    summary: 'Announces devices and opens their enrolment windows.',
    permission: 'device:add',
    effect: 'write',
    input: strictObject({ devices: pipe(array(newDeviceSchema), minLength(1, 'is empty')), ...dryRunField }),
    run: addDevices,
  }),
  edit: operation({
    summary: 'Changes devices: names, model, site, addresses, tags, groups.',
    permission: 'device:edit',
    effect: 'write',
    input: editDevicesSchema,
    run: editDevices,
  }),
  import: operation({
    summary: 'Imports devices from a table (CSV).',
    permission: 'device:import',
    effect: 'write',
    input: strictObject({
      ...importFields,
      update: optional(picklist(['skip', 'merge', 'overwrite'])),
      accounts: optional(picklist(['replace', 'append'])),
      defaultGroups: optional(boolean()),
      cells: optional(boolean()),
    }),
    run: importDevices,
  }),
  export: streamOperation({
    summary: 'Writes devices as a table (CSV) that imports as unchanged.',
    permission: 'device:export',
    effect: 'read',
    reveals: ({ reveal }) => reveal === true,
    input: strictObject({
      ...exportFields,
      selector: optional(selectorSchema),
      format: optional(picklist(['own', 'manual'])),
      columns: optional(array(string())),
      reveal: optional(boolean()),
    }),
    run: exportDevices,
  }),
  template: operation({
    summary: 'Gives an empty table for devices, with instructions.',
    permission: 'device:read',
    effect: 'read',
    input: strictObject({}),
    run: deviceTemplate,
  }),
  delete: operation({
    summary: 'Deletes devices with all that belongs to them; their accounts stay.',
    permission: 'device:delete',
    effect: 'destructive',
    input: strictObject({ selector: selectorSchema, ...dryRunField }),
    run: deleteDevices,
  }),
  replace: operation({
    summary: 'Puts new hardware in the place of a device; the old one is refused afterwards.',
    permission: 'device:replace',
    effect: 'write',
    input: strictObject({ old: referenceField, new: referenceField, ...dryRunField }),
    run: replaceDevice,
  }),
  assign: operation({
    summary: 'Puts accounts on lines of a device.',
    permission: 'device:edit',
    effect: 'write',
    input: assignSchema,
    run: assign,
  }),
  unassign: operation({
    summary: 'Takes accounts off the lines of a device.',
    permission: 'device:edit',
    effect: 'write',
    input: unassignSchema,
    run: unassign,
  }),
};
