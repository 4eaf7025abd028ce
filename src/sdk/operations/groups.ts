/** Everything that can be done with device groups. */
import { array, minLength, optional, pipe, strictObject } from 'valibot';
import { selectorSchema } from '../devices/fields.ts';
import { dryRunField, listFields, nameField, referenceField, referencesField, textField } from '../fields.ts';
import { type Group, groupOf, requireGroup } from '../groups/group.ts';
import { exportGroups, importGroups } from '../groups/import.ts';
import { addGroups, deleteGroups, editGroup, moveGroupToTop, setDefaultGroups } from '../groups/write.ts';
import { exportFields } from '../imports/export-fields.ts';
import { importFields } from '../imports/fields.ts';
import { operation, streamOperation } from '../operation.ts';

export const groups = {
  list: streamOperation({
    summary: 'Lists the device groups in their order.',
    permission: 'group:read',
    effect: 'read',
    input: strictObject(listFields),
    async *run(context, input): AsyncGenerator<Group> {
      for await (const record of context.read.groups.list({ ...input, scope: context.scope })) yield groupOf(record);
    },
  }),
  show: operation({
    summary: 'Shows one device group.',
    permission: 'group:read',
    effect: 'read',
    input: strictObject({ group: referenceField }),
    run: async (context, { group }) => groupOf(await requireGroup(context.read.groups, group, context.scope)),
  }),
  add: operation({
    summary: 'Adds device groups, with devices in them where a selector is given.',
    permission: 'group:add',
    effect: 'write',
    input: strictObject({
      groups: pipe(
        array(strictObject({ name: nameField, description: optional(textField) })),
        minLength(1, 'is empty'),
      ),
      devices: optional(selectorSchema),
      ...dryRunField,
    }),
    run: addGroups,
  }),
  edit: operation({
    summary: 'Changes a device group and its members.',
    permission: 'group:edit',
    effect: 'write',
    input: strictObject({
      group: referenceField,
      name: optional(nameField),
      description: optional(textField),
      addDevices: optional(selectorSchema),
      removeDevices: optional(selectorSchema),
      ...dryRunField,
    }),
    run: editGroup,
  }),
  delete: operation({
    summary: 'Deletes device groups with all their associations; the devices stay.',
    permission: 'group:delete',
    effect: 'destructive',
    input: strictObject({ groups: referencesField, ...dryRunField }),
    run: deleteGroups,
  }),
  top: operation({
    summary: 'Makes a group the highest of all groups of each of its devices.',
    permission: 'group:edit',
    effect: 'write',
    input: strictObject({ group: referenceField, ...dryRunField }),
    run: moveGroupToTop,
  }),
  defaults: streamOperation({
    summary: 'Lists the groups that auto-added devices get, in their order.',
    permission: 'group:read',
    effect: 'read',
    input: strictObject({}),
    async *run(context): AsyncGenerator<Group> {
      for await (const record of context.read.groups.list({ scope: context.scope, sort: 'defaultRank' })) {
        if (record.defaultRank !== null) yield groupOf(record);
      }
    },
  }),
  setDefaults: operation({
    summary: 'Sets the groups that auto-added devices get; none clears them.',
    permission: 'group:edit',
    effect: 'write',
    input: strictObject({ groups: array(referenceField), ...dryRunField }),
    run: setDefaultGroups,
  }),
  import: operation({
    summary: 'Adds and overwrites device groups from a table, in its order.',
    permission: 'group:import',
    effect: 'write',
    input: strictObject(importFields),
    run: importGroups,
  }),
  export: streamOperation({
    summary: 'Writes the device groups as a table that imports as unchanged.',
    permission: 'group:read',
    effect: 'read',
    input: strictObject(exportFields),
    run: exportGroups,
  }),
};
