/** Everything that can be done with configuration profiles and their assignments. */
import {
  array,
  boolean,
  integer,
  minValue,
  nullable,
  number,
  optional,
  picklist,
  pipe,
  strictObject,
  string,
} from 'valibot';
import { bytesInput } from '../bytes.ts';
import { selectorSchema } from '../devices/fields.ts';
import { nameField, referenceField, referencesField, textField } from '../fields.ts';
import { operation, streamOperation } from '../operation.ts';
import { exportProfiles } from '../profiles/export.ts';
import { importProfile } from '../profiles/import.ts';
import { lintProfiles } from '../profiles/lint.ts';
import { pushProfile } from '../profiles/push.ts';
import { listProfiles, showProfile } from '../profiles/read.ts';
import { setScope, showScope } from '../profiles/scopes.ts';
import { diffStandard, updateStandard } from '../profiles/standard-update.ts';
import {
  addProfile,
  assignProfile,
  copyProfile,
  deleteProfiles,
  editProfile,
  orderProfiles,
  setParameters,
  unassignProfile,
} from '../profiles/write.ts';

const write = { dryRun: optional(boolean()), reason: optional(textField), change: optional(nameField) };
const vendor = picklist(['poly', 'yealink', 'cisco']);
const parameters = array(strictObject({ name: string(), value: string(), exposed: optional(boolean()) }));
const target = strictObject({
  global: optional(boolean()),
  group: optional(referenceField),
  model: optional(referenceField),
  site: optional(referenceField),
  device: optional(referenceField),
});

export const profiles = {
  list: streamOperation({
    summary: 'Lists configuration profiles.',
    permission: 'profile:read',
    effect: 'read',
    input: strictObject({
      search: optional(string()),
      vendor: optional(vendor),
      types: optional(array(picklist(['standard', 'user', 'software', 'imported']))),
    }),
    run: listProfiles,
  }),
  show: operation({
    summary: 'Shows a profile: its parameters and where it is assigned.',
    permission: 'profile:read',
    effect: 'read',
    input: strictObject({ profile: referenceField, reveal: optional(boolean()) }),
    reveals: ({ reveal }) => reveal === true,
    run: showProfile,
  }),
  add: operation({
    summary: 'Adds a profile.',
    permission: 'profile:add',
    effect: 'write',
    input: strictObject({
      name: nameField,
      vendor,
      description: optional(textField),
      models: optional(array(referenceField)),
      software: optional(referenceField),
      set: optional(parameters),
      custom: optional(boolean()),
      ...write,
    }),
    run: addProfile,
  }),
  edit: operation({
    summary: 'Changes the name, description or models of a profile.',
    permission: 'profile:edit',
    effect: 'write',
    input: strictObject({
      profile: referenceField,
      name: optional(nameField),
      description: optional(textField),
      models: optional(array(referenceField)),
      software: optional(nullable(referenceField)),
      ...write,
    }),
    run: editProfile,
  }),
  set: operation({
    summary: 'Sets and takes away parameters of a profile.',
    permission: 'profile:edit',
    effect: 'write',
    input: strictObject({
      profile: referenceField,
      set: optional(parameters),
      unset: optional(array(string())),
      custom: optional(boolean()),
      ...write,
    }),
    run: setParameters,
  }),
  setScope: operation({
    summary: 'Sets parameters for all phones, or for those of a group, model or site, in a profile of its own.',
    permission: 'profile:edit',
    effect: 'write',
    input: strictObject({
      target,
      vendor: optional(vendor),
      set: optional(parameters),
      unset: optional(array(string())),
      custom: optional(boolean()),
      ...write,
    }),
    run: setScope,
  }),
  showScope: operation({
    summary: 'Shows what was set for all phones, or for those of a group, model or site.',
    permission: 'profile:read',
    effect: 'read',
    input: strictObject({ target, vendor: optional(vendor), reveal: optional(boolean()) }),
    reveals: ({ reveal }) => reveal === true,
    run: showScope,
  }),
  copy: operation({
    summary: 'Copies a profile under a new name.',
    permission: 'profile:add',
    effect: 'write',
    input: strictObject({ profile: referenceField, name: nameField, ...write }),
    run: copyProfile,
  }),
  delete: operation({
    summary: 'Deletes profiles and their assignments.',
    permission: 'profile:delete',
    effect: 'destructive',
    input: strictObject({ profiles: referencesField, ...write }),
    run: deleteProfiles,
  }),
  assign: operation({
    summary: 'Assigns a profile to all phones, or to a group, model, site or device.',
    permission: 'profile:assign',
    effect: 'write',
    input: strictObject({
      profile: referenceField,
      target,
      priority: optional(pipe(number(), integer(), minValue(1))),
      apply: optional(picklist(['auto', 'manual'])),
      ...write,
    }),
    run: assignProfile,
  }),
  unassign: operation({
    summary: 'Takes an assignment of a profile away.',
    permission: 'profile:assign',
    effect: 'write',
    input: strictObject({ profile: referenceField, target, ...write }),
    run: unassignProfile,
  }),
  order: operation({
    summary: 'Orders the profiles of a target.',
    permission: 'profile:assign',
    effect: 'write',
    input: strictObject({ profiles: referencesField, target, ...write }),
    run: orderProfiles,
  }),
  import: operation({
    summary: "Takes over a phone's configuration file as a profile.",
    permission: 'profile:edit',
    effect: 'write',
    input: strictObject({
      source: bytesInput(),
      name: nameField,
      profile: optional(nameField),
      vendor: optional(vendor),
      replace: optional(boolean()),
      protected: optional(boolean()),
      ...write,
    }),
    run: importProfile,
  }),
  export: streamOperation({
    summary: 'Writes profiles as files of their vendor, alone or in a ZIP archive.',
    permission: 'profile:read',
    effect: 'read',
    input: strictObject({
      profiles: optional(referencesField),
      reveal: optional(boolean()),
      form: picklist(['zip', 'file']),
    }),
    reveals: ({ reveal }) => reveal === true,
    run: exportProfiles,
  }),
  lint: streamOperation({
    summary: 'Looks for what is wrong with profiles.',
    permission: 'profile:read',
    effect: 'read',
    input: strictObject({ profiles: optional(referencesField) }),
    run: lintProfiles,
  }),
  push: operation({
    summary: 'Lets manual assignments of a profile take effect on phones.',
    permission: 'profile:assign',
    effect: 'write',
    input: strictObject({ profile: referenceField, selector: selectorSchema, dryRun: optional(boolean()) }),
    run: pushProfile,
  }),
  builtin: streamOperation({
    summary: 'Tells how the standard profiles here differ from those of this version.',
    permission: 'profile:read',
    effect: 'read',
    input: strictObject({}),
    run: diffStandard,
  }),
  update: operation({
    summary: 'Makes the standard profiles those of this version, also where phones have them.',
    permission: 'profile:edit',
    effect: 'write',
    input: strictObject(write),
    run: updateStandard,
  }),
};
