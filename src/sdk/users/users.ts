/** Users: handlers of `operations/users.ts` (SUB-01..05, AUTH-01, AUTH-16, AUTH-18). */
import { nameKey } from '../../domain/text.ts';
import { isoTime } from '../access/inputs.ts';
import { checkPassword, hashPassword, newPassword } from '../access/passwords.ts';
import { checkReach, rolesNamed, withinReach } from '../access/reach.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { writeMail } from '../mail/outbox.ts';
import type { Repositories } from '../ports/store.ts';
import { mayAct, type UserDraft, type UserRecord } from '../ports/users.ts';

/** A user as callers see them. */
export interface User {
  readonly email: string;
  readonly name: string;
  readonly phone: string;
  readonly country: string;
  readonly roles: readonly string[];
  /** `expired`: the delegation is over. */
  readonly state: 'active' | 'frozen' | 'expired';
  readonly mustChangePassword: boolean;
  readonly passwordAt: string;
  readonly lastLoginAt: string | null;
  readonly createdAt: string;
  /** On whose word somebody outside acts in the enterprise's name; null for its own users. */
  readonly delegatedBy: string | null;
  readonly expiresAt: string | null;
  readonly version: number;
}

/** A user as callers see them; `now` decides whether a delegation is over. */
export function toUser(user: UserRecord, now: number): User {
  return {
    email: user.email,
    name: user.name,
    phone: user.phone,
    country: user.country,
    roles: user.roles.map((role) => role.name),
    state: user.frozenAt !== null ? 'frozen' : mayAct(user, now) ? 'active' : 'expired',
    mustChangePassword: user.mustChange,
    passwordAt: isoTime(user.passwordAt),
    lastLoginAt: isoTime(user.lastLoginAt),
    createdAt: isoTime(user.createdAt),
    delegatedBy: user.delegatedBy,
    expiresAt: isoTime(user.expiresAt),
    version: user.version,
  };
}

function roleIds(user: UserRecord): number[] {
  return user.roles.map((role) => role.id);
}

/** All users whose roles are within the caller's reach. */
export async function* listUsers(context: OperationContext): AsyncGenerator<User> {
  for (const user of await context.read.users.list()) {
    if (withinReach(context, await context.read.roles.grants(roleIds(user)))) yield toUser(user, context.clock.now());
  }
}

export async function showUser(context: OperationContext, email: string): Promise<User> {
  return toUser(await findUser(context, context.read, email), context.clock.now());
}

/** Throws `not_found`, also for a user beyond the caller's reach. */
export async function findUser(
  context: OperationContext,
  repositories: Repositories,
  email: string,
): Promise<UserRecord> {
  const user = await repositories.users.find(email);
  if (user !== undefined && withinReach(context, await repositories.roles.grants(roleIds(user)))) return user;
  throw new PhonectlError('not_found', `There is no user "${email}".`, { hints: ['See `phonectl user list`.'] });
}

export interface UserInput {
  readonly email: string;
  readonly name?: string | undefined;
  readonly phone?: string | undefined;
  readonly country?: string | undefined;
  readonly roles: readonly string[];
  /** Without one, a random one is put into the outbox. */
  readonly password?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** What became of a password: `mail` is the id of the letter in the outbox that holds it. */
export interface UserWithMail extends User {
  readonly mail: string | null;
}

/** The first login asks for a new password (AUTH-03). */
export async function addUser(context: OperationContext, input: UserInput): Promise<UserWithMail> {
  if (input.password !== undefined) checkPassword(input.password, input.email);
  const draft = async (repositories: Repositories): Promise<UserDraft> => {
    if ((await repositories.users.find(input.email)) !== undefined) {
      throw new PhonectlError('exists', `There is a user "${input.email}" already.`);
    }
    const roles = await rolesNamed(context, repositories.roles, input.roles);
    return {
      email: input.email,
      name: input.name ?? '',
      phone: input.phone ?? '',
      country: input.country ?? '',
      roleIds: roles.map((role) => role.id),
    };
  };
  const now = context.clock.now();
  if (input.dryRun) return { ...preview(await draft(context.read), input.roles, now), mail: null };
  const password = input.password ?? newPassword();
  const hash = await hashPassword(password);
  const user = await context.write(async (repositories) => {
    const id = await repositories.users.add(await draft(repositories), hash, now);
    const added = toUser((await repositories.users.byId(id))!, now);
    return [added, { object: `user:${added.email}`, result: 'done', details: { roles: added.roles } }];
  });
  return {
    ...user,
    mail: input.password === undefined ? await mailPassword(context, user.email, password, now) : null,
  };
}

/** Puts a first password into the outbox; returns the id of the mail. */
export async function mailPassword(
  context: OperationContext,
  to: string,
  password: string,
  at: number,
): Promise<string> {
  return await writeMail(context.home, {
    to,
    subject: 'Your phonectl password',
    text: [
      `Sign in as ${to} with this password, which you will be asked to change:`,
      '',
      `  ${password}`,
      '',
      '  phonectl auth login --server URL',
    ],
    at,
  });
}

function preview(draft: UserDraft, roles: readonly string[], now: number): User {
  const { roleIds: _, ...rest } = draft;
  return {
    ...rest,
    roles,
    state: 'active',
    mustChangePassword: true,
    passwordAt: isoTime(now),
    lastLoginAt: null,
    createdAt: isoTime(now),
    delegatedBy: null,
    expiresAt: null,
    version: 0,
  };
}

export interface UserEdit {
  readonly user: string;
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly phone?: string | undefined;
  readonly country?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly dryRun?: boolean | undefined;
}

export async function editUser(context: OperationContext, edit: UserEdit): Promise<User> {
  const change = async (repositories: Repositories): Promise<[UserRecord, UserDraft]> => {
    const user = await findUser(context, repositories, edit.user);
    context.checkVersion(user.version);
    const email = edit.email ?? user.email;
    const other = nameKey(email) === nameKey(user.email) ? undefined : await repositories.users.find(email);
    if (other !== undefined) throw new PhonectlError('exists', `There is a user "${email}" already.`);
    const roles = edit.roles && (await rolesNamed(context, repositories.roles, edit.roles));
    return [
      user,
      {
        email,
        name: edit.name ?? user.name,
        phone: edit.phone ?? user.phone,
        country: edit.country ?? user.country,
        roleIds: roles?.map((role) => role.id) ?? roleIds(user),
      },
    ];
  };
  if (edit.dryRun) {
    const [user, { roleIds: _, ...draft }] = await change(context.read);
    return { ...toUser(user, context.clock.now()), ...draft, roles: edit.roles ?? user.roles.map((role) => role.name) };
  }
  return await context.write(async (repositories) => {
    const [user, draft] = await change(repositories);
    await repositories.users.edit(user.id, draft, context.clock.now());
    const edited = toUser((await repositories.users.byId(user.id))!, context.clock.now());
    return [
      edited,
      { object: `user:${user.email}`, result: 'done', details: { email: edited.email, roles: edited.roles } },
    ];
  });
}

export async function deleteUser(
  context: OperationContext,
  email: string,
  dryRun = false,
): Promise<{ deleted: string }> {
  if (dryRun) return { deleted: (await findUser(context, context.read, email)).email };
  return await context.write(async (repositories) => {
    const user = await findUser(context, repositories, email);
    context.checkVersion(user.version);
    await repositories.users.delete(user.id);
    return [{ deleted: user.email }, { object: `user:${user.email}`, result: 'done' }];
  });
}

/** A frozen user is refused from the next request on, live sessions included (AUTH-18, security.md S-06). */
export async function freezeUser(
  context: OperationContext,
  email: string,
  freeze: boolean,
  dryRun: boolean,
): Promise<User> {
  if (dryRun) return await showUser(context, email);
  return await context.write(async (repositories) => {
    const user = await findUser(context, repositories, email);
    const now = context.clock.now();
    const frozenAt = freeze ? (user.frozenAt ?? now) : null;
    await repositories.users.setFrozen(user.id, frozenAt, now);
    return [toUser({ ...user, frozenAt }, now), { object: `user:${user.email}`, result: 'done' }];
  });
}

/** Ends the lock after too many wrong passwords. */
export async function unlockUser(context: OperationContext, email: string, dryRun: boolean): Promise<User> {
  if (dryRun) return await showUser(context, email);
  return await context.write(async (repositories) => {
    const user = await findUser(context, repositories, email);
    await repositories.users.clearFailure('user', nameKey(user.email));
    return [toUser(user, context.clock.now()), { object: `user:${user.email}`, result: 'done' }];
  });
}

/** A new random password into the outbox; every session ends, and the next login asks for another one (AUTH-16). */
export async function resetUserPassword(
  context: OperationContext,
  email: string,
  dryRun: boolean,
): Promise<UserWithMail> {
  if (dryRun) return { ...(await showUser(context, email)), mail: null };
  const password = newPassword();
  const hash = await hashPassword(password);
  const now = context.clock.now();
  const user = await context.write(async (repositories) => {
    const found = await findUser(context, repositories, email);
    await checkReach(context, repositories.roles, roleIds(found));
    await repositories.users.setPassword(found.id, hash, true, now);
    await repositories.users.deleteSessions(found.id);
    await repositories.users.deleteResets(found.id);
    return [
      toUser({ ...found, mustChange: true, passwordAt: now }, now),
      { object: `user:${found.email}`, result: 'done' as const },
    ];
  });
  return { ...user, mail: await mailPassword(context, user.email, password, now) };
}
