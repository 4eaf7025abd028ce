/** Signing in and out, and the user's own password: handlers of `operations/auth.ts` (AUTH-03..10, AUTH-14). */
import { nameKey } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { newToken, tokenFingerprint } from '../keys/secret.ts';
import { writeMail } from '../mail/outbox.ts';
import { mayAct, type UserRecord } from '../ports/users.ts';
import { isoTime } from './inputs.ts';
import { countAttempt, countRequest } from './lockout.ts';
import { checkPassword, hashPassword, verifyPassword } from './passwords.ts';

/** A session ends after this long without a request (AUTH-05). */
export const IDLE_TIME = 30 * 60_000;
/** A link to reset a password is good for this long, once (AUTH-10). */
export const RESET_TIME = 10 * 60_000;

export interface Session {
  readonly token: string;
  readonly user: string;
  /** When it ends unless it is used. */
  readonly expiresAt: string;
  /** Nothing but changing the password works until that is done (AUTH-03). */
  readonly mustChangePassword: boolean;
}

/** Throws `unauthenticated`, `account_locked`, `account_frozen`, `busy`. */
export async function login(context: OperationContext, email: string, password: string): Promise<Session> {
  const attempt = await countAttempt(context, nameKey(email), context.actor.source);
  const user = await context.read.users.find(email);
  const right = await verifyPassword(password, user && (await context.read.users.password(user.id)));
  if (user === undefined || !right) {
    await recordFailure(context, user);
    throw wrongPassword();
  }
  if (!mayAct(user, context.clock.now())) {
    await recordFailure(context, user);
    throw frozen();
  }
  const token = newToken();
  const now = context.clock.now();
  return await context.write(async ({ users }) => {
    await attempt.clear(users);
    await users.deleteIdleSessions(now - IDLE_TIME);
    await users.addSession(user.id, tokenFingerprint(token, context.secrets), context.actor.source, now);
    await users.loggedIn(user.id, now);
    return [
      {
        token,
        user: user.email,
        expiresAt: isoTime(now + IDLE_TIME),
        mustChangePassword: user.mustChange,
      },
      { object: `user:${user.email}`, result: 'done' },
    ];
  });
}

/** What was typed as the name of nobody is not recorded: it may be a password. */
async function recordFailure(context: OperationContext, user: UserRecord | undefined): Promise<void> {
  await context.write(async () => [
    undefined,
    { object: user === undefined ? 'user (unknown)' : `user:${user.email}`, result: 'failed' },
  ]);
}

function wrongPassword(): PhonectlError {
  return new PhonectlError('unauthenticated', 'User name or password is wrong.', {
    hints: ['A forgotten password is reset with `phonectl auth forgot EMAIL`.'],
  });
}

export function frozen(): PhonectlError {
  return new PhonectlError('account_frozen', 'This user is frozen, or the delegation is over.', {
    hints: ['Ask an administrator.'],
  });
}

/** Ends this session, or every session of the user (AUTH-06, AUTH-07). */
export async function logout(context: OperationContext, all: boolean): Promise<{ user: string; all: boolean }> {
  const { user, session } = await self(context);
  return await context.write(async ({ users }) => {
    if (all) await users.deleteSessions(user.id);
    else await users.deleteSession(session);
    return [
      { user: user.email, all },
      { object: `user:${user.email}`, result: 'done', details: { all } },
    ];
  });
}

/** Changes the caller's own password; every other session of theirs ends. */
export async function changePassword(
  context: OperationContext,
  input: { readonly old: string; readonly password: string },
): Promise<{ user: string }> {
  const { user, session } = await self(context);
  // The old password is as good as a login to whoever found an open session: the same limit holds.
  const attempt = await countAttempt(context, nameKey(user.email), context.actor.source);
  if (!(await verifyPassword(input.old, await context.read.users.password(user.id)))) {
    await recordFailure(context, user);
    throw new PhonectlError('unauthenticated', 'The old password is wrong.');
  }
  checkPassword(input.password, user.email);
  if (input.password.normalize('NFC') === input.old.normalize('NFC')) {
    throw new PhonectlError('invalid_input', 'The new password is the old one.');
  }
  const hash = await hashPassword(input.password);
  return await context.write(async ({ users }) => {
    await attempt.clear(users);
    await users.setPassword(user.id, hash, false, context.clock.now());
    await users.deleteSessions(user.id, session);
    await users.deleteResets(user.id);
    return [{ user: user.email }, { object: `user:${user.email}`, result: 'done' }];
  });
}

/**
 * Puts a mail with a reset token into the outbox, if there is such a user; answers alike if not. At most one token is
 * good at a time.
 */
export async function forgotPassword(context: OperationContext, email: string): Promise<{ accepted: true }> {
  await countRequest(context, context.actor.source);
  const user = await context.read.users.find(email);
  const token = newToken();
  const now = context.clock.now();
  await context.write(async ({ users }) => {
    if (user !== undefined && mayAct(user, now)) {
      await users.deleteResets(user.id);
      await users.addReset(tokenFingerprint(token, context.secrets), user.id, now + RESET_TIME);
    }
    return [undefined, { object: user === undefined ? 'user (unknown)' : `user:${user.email}`, result: 'done' }];
  });
  if (user !== undefined && mayAct(user, now)) {
    await writeMail(context.home, {
      to: user.email,
      subject: 'Reset your phonectl password',
      text: [
        'Somebody, probably you, asked to reset your phonectl password. Within ten minutes, once:',
        '',
        '  phonectl auth reset --server URL',
        '',
        'and give this token when it asks for one:',
        '',
        `  ${token}`,
        '',
        'If it was not you, nothing needs to be done.',
      ],
      at: now,
    });
  }
  return { accepted: true };
}

/** Sets a new password with the token of the mail; every session of the user ends, a lock stays. */
export async function resetPassword(
  context: OperationContext,
  input: { readonly token: string; readonly password: string },
): Promise<{ user: string }> {
  const fingerprint = tokenFingerprint(input.token, context.secrets);
  const hash = await hashPassword(input.password);
  return await context.write(async ({ users }) => {
    const id = await users.takeReset(fingerprint, context.clock.now());
    const user = id === undefined ? undefined : await users.byId(id);
    if (user === undefined || !mayAct(user, context.clock.now())) {
      throw new PhonectlError('unauthenticated', 'The token is wrong, used, or older than ten minutes.', {
        hints: ['Get a new one with `phonectl auth forgot EMAIL`.'],
      });
    }
    checkPassword(input.password, user.email);
    await users.setPassword(user.id, hash, false, context.clock.now());
    await users.deleteSessions(user.id);
    return [{ user: user.email }, { object: `user:${user.email}`, result: 'done' }];
  });
}

export interface WhoAmI {
  readonly kind: string;
  readonly name: string;
  readonly source: string;
  readonly email: string | null;
  readonly loginAt: string | null;
  readonly roles: readonly string[];
  /** What others reach the user by; null for whoever is no user (AUTH-11). */
  readonly contact: Contact | null;
  /** On whose word a delegate acts, and until when; null for everybody else. */
  readonly delegation: { readonly by: string; readonly until: string | null } | null;
}

export interface Contact {
  readonly name: string;
  readonly phone: string;
  readonly country: string;
}

/** The caller as the server sees them (AUTH-14). */
export async function whoAmI(context: OperationContext): Promise<WhoAmI> {
  const { actor, read } = context;
  const base = { kind: actor.kind, name: actor.name, source: actor.source, contact: null, delegation: null };
  if (actor.kind === 'key') {
    const key = await read.keys.find(actor.name);
    return { ...base, email: null, loginAt: null, roles: key?.roles.map((role) => role.name) ?? [] };
  }
  if (actor.kind !== 'user') return { ...base, email: null, loginAt: null, roles: ['owner'] };
  const { user } = await self(context);
  return {
    ...base,
    email: user.email,
    loginAt: isoTime(user.lastLoginAt),
    roles: user.roles.map((role) => role.name),
    contact: { name: user.name, phone: user.phone, country: user.country },
    delegation: user.delegatedBy === null ? null : { by: user.delegatedBy, until: isoTime(user.expiresAt) },
  };
}

/** Changes what others reach the caller by. The address is changed by an administrator only (AUTH-11, AUTH-12). */
export async function editSelf(context: OperationContext, contact: Partial<Undefinable<Contact>>): Promise<WhoAmI> {
  const { user } = await self(context);
  const { id, email, name, phone, country, roles } = user;
  const draft = {
    email,
    name: contact.name ?? name,
    phone: contact.phone ?? phone,
    country: contact.country ?? country,
    roleIds: roles.map((role) => role.id),
  };
  await context.write(async ({ users }) => {
    await users.edit(id, draft, context.clock.now());
    return [undefined, { object: `user:${email}`, result: 'done' }];
  });
  return await whoAmI(context);
}

type Undefinable<T> = { readonly [K in keyof T]: T[K] | undefined };

async function self(context: OperationContext): Promise<{ user: UserRecord; session: number }> {
  const { kind, name, session } = context.actor;
  const user = kind === 'user' ? await context.read.users.find(name) : undefined;
  if (user === undefined || session === undefined) {
    throw new PhonectlError('conflict', 'Nobody is signed in with a user name and password here.', {
      hints: ['The owner of a home and access keys need no login.', 'Sign in to a server with `phonectl auth login`.'],
    });
  }
  return { user, session };
}
