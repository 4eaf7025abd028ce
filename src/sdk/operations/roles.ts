/** Roles: functions and data that users and access keys may have (ROLE-01..06). */
import { array, boolean, literal, optional, strictObject, union } from 'valibot';
import { nameInput, permissionInput, textInput } from '../access/inputs.ts';
import { operation, streamOperation } from '../operation.ts';
import {
  addGroup,
  addRole,
  deleteGroup,
  deleteRole,
  editRole,
  listGroups,
  listPermissions,
  listRoles,
  renameGroup,
  showRole,
} from '../roles/roles.ts';

const sites = union([literal('all'), array(nameInput())]);
const dryRun = optional(boolean(), false);

export const roles = {
  list: streamOperation({
    summary: 'Lists the roles.',
    permission: 'role:read',
    effect: 'read',
    input: strictObject({}),
    run: (context) => listRoles(context),
  }),
  show: operation({
    summary: 'Shows a role.',
    permission: 'role:read',
    effect: 'read',
    input: strictObject({ role: nameInput() }),
    run: (context, { role }) => showRole(context, role),
  }),
  add: operation({
    summary: 'Adds a role with permissions and the sites that they hold for.',
    permission: 'role:edit',
    effect: 'write',
    input: strictObject({
      name: nameInput(),
      group: optional(nameInput()),
      description: optional(textInput()),
      permissions: array(permissionInput()),
      sites,
      dryRun,
    }),
    run: addRole,
  }),
  edit: operation({
    summary: 'Changes a role; takes effect at once for everybody who holds it.',
    permission: 'role:edit',
    effect: 'write',
    input: strictObject({
      role: nameInput(),
      name: optional(nameInput()),
      group: optional(nameInput()),
      description: optional(textInput()),
      permissions: optional(array(permissionInput())),
      grant: optional(array(permissionInput())),
      revoke: optional(array(permissionInput())),
      sites: optional(sites),
      dryRun,
    }),
    run: editRole,
  }),
  delete: operation({
    summary: 'Deletes a role that nobody holds.',
    permission: 'role:edit',
    effect: 'destructive',
    input: strictObject({ role: nameInput(), dryRun }),
    run: (context, input) => deleteRole(context, input.role, input.dryRun),
  }),
  permissions: streamOperation({
    summary: 'Lists every permission and the operations that need it.',
    permission: 'role:read',
    effect: 'read',
    input: strictObject({}),
    run: (context) => listPermissions(context),
  }),
  groups: operation({
    summary: 'Lists the groups that roles are sorted into.',
    permission: 'role:read',
    effect: 'read',
    input: strictObject({}),
    run: (context) => listGroups(context),
  }),
  addGroup: operation({
    summary: 'Adds a group for roles.',
    permission: 'role:edit',
    effect: 'write',
    input: strictObject({ name: nameInput(), dryRun }),
    run: (context, input) => addGroup(context, input.name, input.dryRun),
  }),
  renameGroup: operation({
    summary: 'Renames a group of roles.',
    permission: 'role:edit',
    effect: 'write',
    input: strictObject({ group: nameInput(), name: nameInput(), dryRun }),
    run: (context, input) => renameGroup(context, input.group, input.name, input.dryRun),
  }),
  deleteGroup: operation({
    summary: 'Deletes an empty group of roles.',
    permission: 'role:edit',
    effect: 'destructive',
    input: strictObject({ group: nameInput(), dryRun }),
    run: (context, input) => deleteGroup(context, input.group, input.dryRun),
  }),
};
