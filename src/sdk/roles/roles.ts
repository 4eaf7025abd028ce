/** Roles and their groups: handlers of `operations/roles.ts` (ROLE-01..06). */
import { nameKey } from '../../domain/text.ts';
import { holds } from '../access/grants.ts';
import { beyondReach, noRole, rolesNamed, withinReach } from '../access/reach.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { DEFAULT_ROLE_GROUP, type RoleDraft, type RoleRecord, type RoleRepository } from '../ports/roles.ts';
import type { Repositories } from '../ports/store.ts';

/** A role as callers see it. */
export interface Role {
  readonly id: number;
  readonly name: string;
  readonly group: string;
  readonly description: string;
  readonly builtin: boolean;
  readonly permissions: readonly string[];
  /** Names of the chosen sites, which stand for all below them too; `all` for everything. */
  readonly sites: 'all' | readonly string[];
  readonly users: number;
  readonly keys: number;
  readonly version: number;
}

function toRole({ groupId, sites, ...role }: RoleRecord): Role {
  return { ...role, sites: sites === 'all' ? 'all' : sites.map((site) => site.name) };
}

/** All roles within the caller's reach. */
export async function* listRoles(context: OperationContext): AsyncGenerator<Role> {
  for (const role of await context.read.roles.list()) {
    if (withinReach(context, await context.read.roles.grants([role.id]))) yield toRole(role);
  }
}

export async function showRole(context: OperationContext, name: string): Promise<Role> {
  return toRole(await findRole(context, context.read.roles, name));
}

async function findRole(context: OperationContext, roles: RoleRepository, name: string): Promise<RoleRecord> {
  const [role] = await rolesNamed(context, roles, [name]);
  if (role === undefined) throw noRole(name);
  return role;
}

export interface RoleInput {
  readonly name: string;
  readonly group?: string | undefined;
  readonly description?: string | undefined;
  readonly permissions: readonly string[];
  readonly sites: 'all' | readonly string[];
  readonly dryRun?: boolean | undefined;
}

export async function addRole(context: OperationContext, input: RoleInput): Promise<Role> {
  await checkPermissions(context, input.permissions);
  const draft = async (repositories: Repositories): Promise<RoleDraft> => {
    if ((await repositories.roles.find(input.name)) !== undefined) throw exists('role', input.name);
    return await makeDraft(context, repositories, input);
  };
  if (input.dryRun) return preview(await draft(context.read), input);
  return await context.write(async (repositories) => {
    const id = await repositories.roles.add(await draft(repositories), context.clock.now());
    const role = toRole(await recordOf(repositories, input.name));
    return [role, { object: `role:${role.name}`, result: 'done', details: { id, ...grantDetails(role) } }];
  });
}

export interface RoleEdit {
  readonly role: string;
  readonly name?: string | undefined;
  readonly group?: string | undefined;
  readonly description?: string | undefined;
  readonly permissions?: readonly string[] | undefined;
  readonly grant?: readonly string[] | undefined;
  readonly revoke?: readonly string[] | undefined;
  readonly sites?: 'all' | readonly string[] | undefined;
  readonly dryRun?: boolean | undefined;
}

export async function editRole(context: OperationContext, edit: RoleEdit): Promise<Role> {
  await checkPermissions(context, [...(edit.permissions ?? []), ...(edit.grant ?? [])]);
  const change = async (repositories: Repositories): Promise<[RoleRecord, RoleDraft, RoleInput]> => {
    const role = await findRole(context, repositories.roles, edit.role);
    checkNotBuiltin(role.builtin, `The role "${role.name}"`);
    context.checkVersion(role.version);
    const kept = new Set(edit.permissions ?? role.permissions);
    for (const permission of edit.grant ?? []) kept.add(permission);
    for (const permission of edit.revoke ?? []) kept.delete(permission);
    const merged: RoleInput = {
      name: edit.name ?? role.name,
      group: edit.group ?? role.group,
      description: edit.description ?? role.description,
      permissions: [...kept],
      sites: edit.sites ?? (role.sites === 'all' ? 'all' : role.sites.map((site) => site.name)),
    };
    const other = await repositories.roles.find(merged.name);
    if (other !== undefined && other.id !== role.id) throw exists('role', merged.name);
    return [role, await makeDraft(context, repositories, merged), merged];
  };
  if (edit.dryRun) {
    const [role, draft, merged] = await change(context.read);
    return { ...preview(draft, merged), id: role.id, users: role.users, keys: role.keys, version: role.version };
  }
  return await context.write(async (repositories) => {
    const [role, draft] = await change(repositories);
    await repositories.roles.edit(role.id, draft, context.clock.now());
    const edited = toRole(await recordOf(repositories, draft.name));
    return [edited, { object: `role:${role.name}`, result: 'done', details: grantDetails(edited) }];
  });
}

/** A role that somebody holds is not deleted from under them. */
export async function deleteRole(
  context: OperationContext,
  name: string,
  dryRun = false,
): Promise<{ deleted: string }> {
  const check = async (repositories: Repositories): Promise<RoleRecord> => {
    const role = await findRole(context, repositories.roles, name);
    checkNotBuiltin(role.builtin, `The role "${role.name}"`);
    context.checkVersion(role.version);
    if (role.users + role.keys > 0) {
      throw new PhonectlError(
        'in_use',
        `The role "${role.name}" is held by ${role.users} users and ${role.keys} keys.`,
        {
          hints: ['Give them another role first.'],
          details: { users: role.users, keys: role.keys },
        },
      );
    }
    return role;
  };
  if (dryRun) return { deleted: (await check(context.read)).name };
  return await context.write(async (repositories) => {
    const role = await check(repositories);
    await repositories.roles.delete(role.id);
    return [{ deleted: role.name }, { object: `role:${role.name}`, result: 'done' }];
  });
}

async function makeDraft(context: OperationContext, repositories: Repositories, input: RoleInput): Promise<RoleDraft> {
  const group = await findGroup(repositories, input.group ?? DEFAULT_ROLE_GROUP);
  const sites = input.sites === 'all' ? 'all' : await siteIds(context, repositories, input.sites);
  const draft: RoleDraft = {
    name: input.name,
    groupId: group.id,
    description: input.description ?? '',
    permissions: [...new Set(input.permissions)].sort(),
    sites,
  };
  if (!withinReach(context, [{ permissions: draft.permissions, sites }])) throw beyondReach();
  return draft;
}

async function siteIds(
  context: OperationContext,
  repositories: Repositories,
  names: readonly string[],
): Promise<readonly number[]> {
  const found = await repositories.roles.sitesNamed(names);
  const visible = context.scope === 'all' ? found : found.filter(({ id }) => context.scope.includes(id as never));
  const known = new Map(visible.map(({ id, name }) => [nameKey(name), id]));
  return names.map((name) => {
    const id = known.get(nameKey(name));
    if (id === undefined) {
      throw new PhonectlError('not_found', `There is no site "${name}".`, { hints: ['See `phonectl site list`.'] });
    }
    return id;
  });
}

async function recordOf(repositories: Repositories, name: string): Promise<RoleRecord> {
  const role = await repositories.roles.find(name);
  if (role === undefined) throw noRole(name);
  return role;
}

function preview(draft: RoleDraft, input: RoleInput): Role {
  const { groupId, ...rest } = draft;
  const group = input.group ?? DEFAULT_ROLE_GROUP;
  return { ...rest, id: 0, group, builtin: false, sites: input.sites, users: 0, keys: 0, version: 0 };
}

function grantDetails(role: Role): Record<string, unknown> {
  return { permissions: role.permissions, sites: role.sites };
}

export interface Permission {
  readonly permission: string;
  /** The operations that need it. */
  readonly operations: readonly string[];
  readonly effects: readonly string[];
}

/** Every permission there is, from the table of operations. */
export async function* listPermissions(context: OperationContext): AsyncGenerator<Permission> {
  const operations = [...((await context.operations?.()) ?? new Map())].filter(([, { local }]) => local !== true);
  const byPermission = Map.groupBy(operations, ([, operation]) => operation.permission);
  for (const permission of [...byPermission.keys()].sort()) {
    const group = byPermission.get(permission) ?? [];
    yield {
      permission,
      operations: group.map(([name]) => name).sort(),
      effects: [...new Set(group.map(([, operation]) => operation.effect))].sort(),
    };
  }
}

/** A permission that no operation asks for is a spelling mistake, and would grant nothing. */
async function checkPermissions(context: OperationContext, permissions: readonly string[]): Promise<void> {
  const operations = await context.operations?.();
  if (operations === undefined) return;
  const known = new Set([...operations.values()].map((operation) => operation.permission));
  for (const permission of permissions) {
    if ([...known].some((one) => holds([permission], one)) || isReveal(permission, known)) continue;
    throw new PhonectlError('invalid_input', `No operation needs the permission "${permission}".`, {
      hints: ['See `phonectl role permissions`.'],
    });
  }
}

/** `device:reveal` and its like are asked for inside an operation, so that no operation declares them. */
function isReveal(permission: string, known: ReadonlySet<string>): boolean {
  const [noun, verb] = permission.split(':');
  return verb === 'reveal' && (noun === '*' || [...known].some((one) => one.startsWith(`${noun}:`)));
}

export async function listGroups(
  context: OperationContext,
): Promise<readonly { name: string; builtin: boolean; roles: number }[]> {
  return (await context.read.roles.groups()).map(({ name, builtin, roles }) => ({ name, builtin, roles }));
}

export async function addGroup(context: OperationContext, name: string, dryRun: boolean): Promise<{ name: string }> {
  if (dryRun) return { name };
  return await context.write(async ({ roles }) => {
    const groups = await roles.groups();
    if (groups.some((group) => nameKey(group.name) === nameKey(name))) throw exists('group of roles', name);
    await roles.addGroup(name);
    return [{ name }, { object: `role-group:${name}`, result: 'done' }];
  });
}

export async function renameGroup(
  context: OperationContext,
  group: string,
  name: string,
  dryRun: boolean,
): Promise<{ name: string }> {
  if (dryRun) return { name };
  return await context.write(async (repositories) => {
    const found = await findGroup(repositories, group);
    checkNotBuiltin(found.builtin, `The group "${found.name}"`);
    const other = (await repositories.roles.groups()).find((one) => nameKey(one.name) === nameKey(name));
    if (other !== undefined && other.id !== found.id) throw exists('group of roles', name);
    await repositories.roles.renameGroup(found.id, name);
    return [{ name }, { object: `role-group:${found.name}`, result: 'done', details: { name } }];
  });
}

export async function deleteGroup(
  context: OperationContext,
  group: string,
  dryRun: boolean,
): Promise<{ deleted: string }> {
  if (dryRun) return { deleted: (await findGroup(context.read, group)).name };
  return await context.write(async (repositories) => {
    const found = await findGroup(repositories, group);
    checkNotBuiltin(found.builtin, `The group "${found.name}"`);
    if (found.roles > 0) {
      throw new PhonectlError('in_use', `The group "${found.name}" holds ${found.roles} roles.`, {
        hints: ['Move them with `phonectl role edit ROLE --group OTHER` first.'],
      });
    }
    await repositories.roles.deleteGroup(found.id);
    return [{ deleted: found.name }, { object: `role-group:${found.name}`, result: 'done' }];
  });
}

async function findGroup(
  { roles }: Repositories,
  name: string,
): Promise<Awaited<ReturnType<RoleRepository['groups']>>[number]> {
  const group = (await roles.groups()).find((one) => nameKey(one.name) === nameKey(name));
  if (group !== undefined) return group;
  throw new PhonectlError('not_found', `There is no group of roles "${name}".`, {
    hints: ['See `phonectl role group list`.'],
  });
}

function checkNotBuiltin(builtin: boolean, what: string): void {
  if (!builtin) return;
  throw new PhonectlError('protected', `${what} is always there and cannot be changed or deleted.`);
}

function exists(what: string, name: string): PhonectlError {
  return new PhonectlError('exists', `There is a ${what} "${name}" already.`);
}
