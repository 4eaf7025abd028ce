/** What doing a task to phones needs, whoever begins it: the same as doing it by its own command. */
import { holds, narrow } from '../access/grants.ts';
import type { DataScope, OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { Grant } from '../ports/roles.ts';
import type { Store } from '../ports/store.ts';
import type { Holder, TaskRecord } from '../ports/tasks.ts';
import { mayAct } from '../ports/users.ts';

/** The permissions of the commands that make such tasks; one of them is enough. */
const PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  reboot: ['device:reboot'],
  restart: ['device:reboot'],
  reset: ['device:reset'],
  dnd: ['device:dnd'],
  message: ['device:message'],
  key: ['device:key'],
  set: ['param:set', 'device:password'],
  'check-sync': ['device:check-sync'],
  'config-push': ['config:push'],
  firmware: ['firmware:push'],
  resource: ['resource:push'],
  dial: ['call:control'],
  'call-answer': ['call:control'],
  'call-hold': ['call:control'],
  'call-resume': ['call:control'],
  'call-end': ['call:control'],
  'call-transfer': ['call:control'],
  'capture-start': ['diag:capture'],
  'capture-stop': ['diag:capture'],
  'capture-cancel': ['diag:capture'],
  diagnosis: ['diag:settings'],
  'diagnosis-end': ['diag:settings'],
};

/** Any of these allows tasks of the type. Throws `conflict` for a type that there is not. */
export function permissionsFor(type: string): readonly string[] {
  const permissions = Object.hasOwn(PERMISSIONS, type) ? PERMISSIONS[type] : undefined;
  if (permissions !== undefined) return permissions;
  throw new PhonectlError('conflict', `This phonectl cannot run tasks of the type ${type}.`);
}

/** Throws `forbidden` when the caller may not do by a command what the task does. */
export function requireRight(context: Pick<OperationContext, 'permissions' | 'require'>, type: string): void {
  const [first = '', ...others] = permissionsFor(type);
  if (!others.some((permission) => holds(context.permissions, permission))) context.require(first);
}

/** Who answers for what begins in this call. */
export function holderOf({ actor, scope }: Pick<OperationContext, 'actor' | 'scope'>): Holder {
  return { name: actor.name, kind: actor.kind, scope };
}

/** Who answers for a task whose run nobody else has begun, or has made go on. */
export function makerOf({ createdBy, createdKind, scope }: TaskRecord): Holder {
  return { name: createdBy, kind: createdKind, scope };
}

/**
 * The sites on which the holder may have the task done now: what was allowed when it was made, and still is. Throws
 * `forbidden` when nothing is left, because the user, the key or the right is gone (security.md F-19).
 */
export async function scopeNow(
  { read }: Pick<Store, 'read'>,
  { id, type }: Pick<TaskRecord, 'id' | 'type'>,
  { name, kind, scope }: Holder,
  now: number,
): Promise<DataScope> {
  // Whoever owns the home, and the system itself, need no role.
  if (kind !== 'user' && kind !== 'key') return scope;
  const grants = kind === 'user' ? await grantsOfUser(read, name, now) : await grantsOfKey(read, name, now);
  const permission = permissionsFor(type).find((each) => grants.some((grant) => holds(grant.permissions, each)));
  const common = permission === undefined ? [] : intersection(scope, narrow(grants, permission).scope);
  if (common === 'all' || common.length > 0) return common;
  const missing = permissionsFor(type).join(' or ');
  throw new PhonectlError('forbidden', `${name}, who answers for it, may not do this any more (${missing}).`, {
    hints: [`Make it again in your own name, and delete it: \`phonectl task delete ${id}\`.`],
  });
}

async function grantsOfUser(read: Store['read'], email: string, now: number): Promise<readonly Grant[]> {
  const user = await read.users.find(email);
  return user === undefined || !mayAct(user, now) ? [] : read.roles.grants(user.roles.map(({ id }) => id));
}

async function grantsOfKey(read: Store['read'], keyId: string, now: number): Promise<readonly Grant[]> {
  const key = await read.keys.find(keyId);
  const over = key === undefined || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now);
  return over ? [] : read.roles.grants(key.roles.map(({ id }) => id));
}

function intersection(one: DataScope, other: DataScope): DataScope {
  if (one === 'all') return other;
  if (other === 'all') return one;
  const sites = new Set(other);
  return one.filter((site) => sites.has(site));
}
