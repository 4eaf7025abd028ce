/** Nobody hands on, changes or takes away more than they hold themselves: the rule for roles, keys and users alike. */
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { Grant, RoleRecord, RoleRepository } from '../ports/roles.ts';
import { holds, reaches } from './grants.ts';

/** Whether everything in `grants` lies within what the caller holds. */
export function withinReach(context: OperationContext, grants: readonly Grant[]): boolean {
  return grants.every(
    (grant) =>
      grant.permissions.every((permission) => holds(context.permissions, permission)) &&
      reaches(context.scope, grant.sites),
  );
}

/** Throws `forbidden` unless the caller holds all that these roles grant. */
export async function checkReach(
  context: OperationContext,
  roles: RoleRepository,
  roleIds: readonly number[],
): Promise<void> {
  if (withinReach(context, await roles.grants(roleIds))) return;
  throw beyondReach();
}

export function beyondReach(): PhonectlError {
  return new PhonectlError('forbidden', 'This would touch permissions or sites that you do not have yourself.', {
    hints: ['Ask somebody with the role `super`.'],
  });
}

/** The roles of these names. Throws `not_found`, also for a role beyond the caller's reach. */
export async function rolesNamed(
  context: OperationContext,
  roles: RoleRepository,
  names: readonly string[],
): Promise<readonly RoleRecord[]> {
  const found: RoleRecord[] = [];
  for (const name of new Set(names)) {
    const role = await roles.find(name);
    if (role === undefined || !withinReach(context, await roles.grants([role.id]))) throw noRole(name);
    found.push(role);
  }
  return found;
}

export function noRole(name: string): PhonectlError {
  return new PhonectlError('not_found', `There is no role "${name}".`, { hints: ['See `phonectl role list`.'] });
}
