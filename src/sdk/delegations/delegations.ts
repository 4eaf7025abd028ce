/**
 * Delegations: somebody outside (a reseller, a contractor) is let in by e-mail address and acts in the name of the
 * enterprise until that is taken back (ENT-11). A delegate is a user of a kind of its own: the log says `delegate`.
 */
import { parseMoment } from '../../domain/moment.ts';
import { checkBounds } from '../access/bounds.ts';
import { isoTime } from '../access/inputs.ts';
import { hashPassword, newPassword } from '../access/passwords.ts';
import { rolesNamed } from '../access/reach.ts';
import type { OperationContext } from '../context.ts';
import { parseDuration } from '../enrolment/duration.ts';
import { PhonectlError } from '../errors.ts';
import { toKey, visible } from '../keys/keys.ts';
import type { RoleRecord } from '../ports/roles.ts';
import type { Repositories } from '../ports/store.ts';
import type { UserRecord } from '../ports/users.ts';
import { findUser, listUsers, mailPassword } from '../users/users.ts';

export interface Delegation {
  readonly email: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly state: 'active' | 'frozen' | 'expired';
  readonly by: string;
  /** When it was granted first. */
  readonly since: string;
  /** When it ends by itself; null when it does not. */
  readonly until: string | null;
  readonly lastLoginAt: string | null;
}

/** `mail` is the id of the letter with the first password; null when the delegate has one already, and in a dry run. */
export interface GrantedDelegation extends Delegation {
  readonly mail: string | null;
}

export async function* listDelegations(context: OperationContext): AsyncGenerator<Delegation> {
  for await (const user of listUsers(context)) {
    if (user.delegatedBy === null) continue;
    const { email, name, roles, state, delegatedBy: by, createdAt: since, expiresAt: until, lastLoginAt } = user;
    yield { email, name, roles, state, by, since, until, lastLoginAt };
  }
}

export interface GrantInput {
  readonly email: string;
  readonly name?: string | undefined;
  readonly roles: readonly string[];
  /** A time, or a length of time from now. */
  readonly until?: string | undefined;
  readonly dryRun: boolean;
}

/** Lets somebody in at once, or changes until when and as what. Throws `exists` for a user of the enterprise's own. */
export async function grantDelegation(context: OperationContext, input: GrantInput): Promise<GrantedDelegation> {
  const now = context.clock.now();
  const until = input.until === undefined ? null : endOf(input.until, now);
  const check = async (repositories: Repositories): Promise<[UserRecord | undefined, readonly RoleRecord[]]> => {
    const before = await repositories.users.find(input.email);
    if (before !== undefined && before.delegatedBy === null) {
      throw new PhonectlError('exists', `"${input.email}" is a user of this installation already.`, {
        hints: ['Give a role to users with `phonectl user edit EMAIL --role ROLE`.'],
      });
    }
    if (before !== undefined) await findUser(context, repositories, input.email);
    await checkBounds(context, repositories, { until });
    return [before, await rolesNamed(context, repositories.roles, input.roles)];
  };
  const password = newPassword();
  const hash = input.dryRun ? '' : await hashPassword(password);
  const facts = (before: UserRecord | undefined, roles: readonly RoleRecord[]): Delegation => ({
    email: before?.email ?? input.email,
    name: input.name ?? before?.name ?? '',
    roles: roles.map((role) => role.name),
    state: before?.frozenAt == null ? 'active' : 'frozen',
    by: context.actor.name,
    since: isoTime(before?.createdAt ?? now),
    until: isoTime(until),
    lastLoginAt: isoTime(before?.lastLoginAt ?? null),
  });
  if (input.dryRun) return { ...facts(...(await check(context.read))), mail: null };
  const [granted, isNew] = await context.write(async (repositories) => {
    const [before, roles] = await check(repositories);
    const { users } = repositories;
    const made = facts(before, roles);
    const draft = {
      email: made.email,
      name: made.name,
      phone: before?.phone ?? '',
      country: before?.country ?? '',
      roleIds: roles.map((role) => role.id),
    };
    const id = before?.id ?? (await users.add(draft, hash, now));
    if (before !== undefined) await users.edit(id, draft, now);
    await users.setDelegation(id, context.actor.name, until, now);
    const details = { roles: made.roles, until: made.until };
    return [
      [made, before === undefined] as const,
      { object: `delegation:${made.email}`, result: 'done' as const, details },
    ];
  });
  return { ...granted, mail: isNew ? await mailPassword(context, granted.email, password, now) : null };
}

function endOf(text: string, now: number): number {
  const duration = parseDuration(text);
  const end = duration === undefined ? (parseMoment(text) ?? now) : now + duration;
  if (end > now) return end;
  throw new PhonectlError('invalid_input', 'The end of the delegation is in the past.');
}

export interface RevokedDelegation {
  readonly revoked: string;
  /** Access keys that the delegate made and that are still good: whoever takes the delegation back decides about them. */
  readonly keys: readonly string[];
}

/** Takes it back: refused from the next request on, what runs ends within a second. */
export async function revokeDelegation(
  context: OperationContext,
  email: string,
  dryRun: boolean,
): Promise<RevokedDelegation> {
  const find = async (repositories: Repositories): Promise<UserRecord> => {
    const user = await repositories.users.find(email);
    if (user?.delegatedBy == null) throw noDelegation(email);
    return await findUser(context, repositories, email).catch((error: unknown) => {
      throw isNotFound(error) ? noDelegation(email) : error;
    });
  };
  const facts = async (user: UserRecord, repositories: Repositories): Promise<RevokedDelegation> => {
    const keys: string[] = [];
    for (const key of await repositories.keys.list()) {
      const good = key.createdBy === user.email && toKey(key, context.clock.now()).state === 'active';
      if (good && (await visible(context, repositories, key))) keys.push(key.name);
    }
    return { revoked: user.email, keys };
  };
  if (dryRun) return await facts(await find(context.read), context.read);
  return await context.write(async (repositories) => {
    const user = await find(repositories);
    await repositories.users.delete(user.id);
    return [await facts(user, repositories), { object: `delegation:${user.email}`, result: 'done' }];
  });
}

function isNotFound(error: unknown): boolean {
  return error instanceof PhonectlError && error.code === 'not_found';
}

function noDelegation(email: string): PhonectlError {
  return new PhonectlError('not_found', `There is no delegation to "${email}".`, {
    hints: ['See `phonectl delegation list`.'],
  });
}
