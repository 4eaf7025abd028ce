/**
 * What roles together allow. Pure.
 *
 * A permission and the sites it holds for belong together: who may read everywhere and reboot at one site must not
 * reboot everywhere. So a caller is narrowed for each call to the roles that grant that call's permission.
 */
import type { DataScope } from '../context.ts';
import type { Grant } from '../ports/roles.ts';

/**
 * Whether a list of permissions holds one: exact, `device:*`, `*:read`, or `*`. Asked for a pattern (`device:*`), whether
 * it holds everything that the pattern stands for.
 */
export function holds(permissions: readonly string[], permission: string): boolean {
  const [noun = '', verb = ''] = permission.split(':', 2);
  return permissions.some(
    (held) => held === permission || held === '*' || held === `${noun}:*` || (verb !== '' && held === `*:${verb}`),
  );
}

export interface Narrowed {
  readonly scope: DataScope;
  readonly permissions: readonly string[];
}

/**
 * Scope and permissions for a call that needs `permission`: the sites of every role that grants it, and those
 * permissions that hold on all of these sites. Nothing at all when no role grants it.
 */
export function narrow(grants: readonly Grant[], permission: string): Narrowed {
  const granting = grants.filter((grant) => holds(grant.permissions, permission));
  if (granting.length === 0) return { scope: [], permissions: [] };
  const scope: DataScope = granting.some((grant) => grant.sites === 'all')
    ? 'all'
    : [...new Set(granting.flatMap((grant) => grant.sites as readonly number[]))].sort((a, b) => a - b);
  const permissions = grants.filter((grant) => reaches(grant.sites, scope)).flatMap((grant) => grant.permissions);
  // Each site of the scope grants the call itself, though perhaps through different roles.
  return { scope, permissions: [...new Set([permission, ...permissions])] };
}

/** Whether `outer` contains every site of `inner`. */
export function reaches(outer: DataScope, inner: DataScope): boolean {
  if (outer === 'all') return true;
  if (inner === 'all') return false;
  const sites = new Set(outer);
  return inner.every((site) => sites.has(site));
}
