/**
 * Permissions for what belongs to no site: certificates, profiles, groups, the log. Whoever is limited to some sites cannot
 * use them, since what they do there would reach everybody.
 */
const FLEET_WIDE: ReadonlySet<string> = new Set([
  'certificate:edit',
  'certificate:trust',
  'change:apply',
  'change:discard',
  'config:apply',
  'config:plan',
  'config:rollback',
  'deploy:push',
  'device-file:prune',
  'firmware:add',
  'firmware:delete',
  'firmware:edit',
  'fleet:apply',
  'fleet:export',
  'fleet:plan',
  'group:add',
  'group:delete',
  'group:edit',
  'group:import',
  'home:account',
  'log:prune',
  'log:verify',
  'model:import',
  'profile:add',
  'profile:assign',
  'profile:catalog',
  'profile:delete',
  'profile:edit',
  'resource:add',
  'resource:delete',
  'resource:edit',
  'setting:edit',
]);

export function isFleetWide(permission: string): boolean {
  return FLEET_WIDE.has(permission);
}
