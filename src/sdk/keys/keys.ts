/** Access keys: handlers of `operations/keys.ts` (KEY-01..03). */
import { isoTime } from '../access/inputs.ts';
import { rolesNamed, withinReach } from '../access/reach.ts';
import type { OperationContext } from '../context.ts';
import { parseDuration } from '../enrolment/duration.ts';
import { PhonectlError } from '../errors.ts';
import type { KeyRecord } from '../ports/keys.ts';
import type { RoleRecord } from '../ports/roles.ts';
import type { Repositories } from '../ports/store.ts';
import { callbackSecret } from './callbacks.ts';
import { type AccessKey, keyProof, newAccessKey } from './secret.ts';

/** A key as callers see it. */
export interface Key {
  readonly id: string;
  readonly name: string;
  readonly state: 'active' | 'expired' | 'revoked';
  readonly roles: readonly string[];
  /** Networks it may be used from; empty for everywhere. */
  readonly from: readonly string[];
  readonly callback: string | null;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly rotatedAt: string | null;
  /** Until when the secret before the last rotation is good. */
  readonly previousUntil: string | null;
  /** To the minute. */
  readonly lastUsedAt: string | null;
  readonly lastUsedFrom: string | null;
}

/** A new key: the only moment at which its secret can be seen. */
export interface NewKey {
  readonly id: string;
  /** Null in a dry run. */
  readonly secret: string | null;
  /** What callbacks are signed with (Standard Webhooks); null where there is no callback address, and in a dry run. */
  readonly callbackSecret: string | null;
  readonly name: string;
  readonly roles: readonly string[];
  readonly expiresAt: string | null;
}

export function toKey(key: KeyRecord, now: number): Key {
  const expired = key.expiresAt !== null && key.expiresAt <= now;
  const previous = key.previousUntil !== null && key.previousUntil > now ? key.previousUntil : null;
  return {
    id: key.keyId,
    name: key.name,
    state: key.revokedAt !== null ? 'revoked' : expired ? 'expired' : 'active',
    roles: key.roles.map((role) => role.name),
    from: key.networks,
    callback: key.callback,
    expiresAt: isoTime(key.expiresAt),
    revokedAt: isoTime(key.revokedAt),
    createdBy: key.createdBy,
    createdAt: isoTime(key.createdAt),
    rotatedAt: isoTime(key.rotatedAt),
    previousUntil: isoTime(previous),
    lastUsedAt: isoTime(key.lastUsedAt),
    lastUsedFrom: key.lastUsedFrom,
  };
}

function roleIds(key: KeyRecord): number[] {
  return key.roles.map((role) => role.id);
}

/** All keys whose roles are within the caller's reach. */
export async function* listKeys(context: OperationContext): AsyncGenerator<Key> {
  for (const key of await context.read.keys.list()) {
    if (await visible(context, context.read, key)) yield toKey(key, context.clock.now());
  }
}

export async function showKey(context: OperationContext, reference: string): Promise<Key> {
  return toKey(await findKey(context, context.read, reference), context.clock.now());
}

/** Whether all roles of the key are within the caller's reach. */
export async function visible(context: OperationContext, { roles }: Repositories, key: KeyRecord): Promise<boolean> {
  return withinReach(context, await roles.grants(roleIds(key)));
}

/** Throws `not_found`, also for a key beyond the caller's reach. */
export async function findKey(
  context: OperationContext,
  repositories: Repositories,
  reference: string,
): Promise<KeyRecord> {
  const key = await repositories.keys.find(reference);
  if (key !== undefined && (await visible(context, repositories, key))) return key;
  throw new PhonectlError('not_found', `There is no access key "${reference}".`, {
    hints: ['See `phonectl key list`.'],
  });
}

export interface KeyInput {
  readonly name: string;
  readonly roles: readonly string[];
  readonly from?: readonly string[] | undefined;
  /** A time, or a length of time from now. */
  readonly expires?: string | undefined;
  readonly callback?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

export async function createKey(context: OperationContext, input: KeyInput): Promise<NewKey> {
  const now = context.clock.now();
  const expiresAt = input.expires === undefined ? null : expiryOf(input.expires, now);
  if (expiresAt !== null && expiresAt <= now) {
    throw new PhonectlError('invalid_input', 'The expiry of the key is in the past.');
  }
  const names = async (repositories: Repositories): Promise<readonly RoleRecord[]> => {
    if ((await repositories.keys.find(input.name)) !== undefined) {
      throw new PhonectlError('exists', `There is an access key "${input.name}" already.`, {
        hints: ['A new secret for it: `phonectl key rotate NAME`.'],
      });
    }
    return await rolesNamed(context, repositories.roles, input.roles);
  };
  const facts = (roles: readonly RoleRecord[]): Omit<NewKey, 'id' | 'secret' | 'callbackSecret'> => ({
    name: input.name,
    roles: roles.map((role) => role.name),
    expiresAt: isoTime(expiresAt),
  });
  const key = newAccessKey();
  if (input.dryRun) return { id: key.id, secret: null, callbackSecret: null, ...facts(await names(context.read)) };
  const proof = keyProof(key, context.secrets);
  return await context.write(async (repositories) => {
    const roles = await names(repositories);
    await repositories.keys.add(
      {
        keyId: key.id,
        name: input.name,
        roleIds: roles.map((role) => role.id),
        networks: input.from ?? [],
        callback: input.callback ?? null,
        expiresAt,
        createdBy: context.actor.name,
        proof,
      },
      now,
    );
    const made = facts(roles);
    const details = { id: key.id, roles: made.roles, from: input.from ?? [] };
    return [
      {
        ...key,
        callbackSecret: input.callback === undefined ? null : callbackSecret(key.id, proof.verifier, context.secrets),
        ...made,
      },
      { object: `key:${input.name}`, result: 'done', details },
    ];
  });
}

function expiryOf(text: string, now: number): number {
  const duration = parseDuration(text);
  return duration === undefined ? Date.parse(text) : now + duration;
}

/** Refused from the next request on; running ones end within a second. Revoking again changes nothing. */
export async function revokeKey(context: OperationContext, reference: string, dryRun: boolean): Promise<Key> {
  if (dryRun) return await showKey(context, reference);
  return await context.write(async (repositories) => {
    const key = await findKey(context, repositories, reference);
    const now = context.clock.now();
    if (key.revokedAt === null) await repositories.keys.revoke(key.id, now);
    const revoked = toKey({ ...key, revokedAt: key.revokedAt ?? now }, now);
    return [revoked, { object: `key:${key.name}`, result: 'done', details: { id: key.keyId } }];
  });
}

/** A new secret under the same id. The old one stays good for `grace` milliseconds, so that programs can be changed over. */
export async function rotateKey(
  context: OperationContext,
  reference: string,
  grace: number,
  dryRun: boolean,
): Promise<NewKey> {
  const { secret } = newAccessKey();
  const find = async (repositories: Repositories): Promise<KeyRecord> => {
    const key = await findKey(context, repositories, reference);
    if (key.revokedAt !== null) {
      throw new PhonectlError('conflict', `The access key "${key.name}" is revoked for good.`, {
        hints: ['Make a new one with `phonectl key create`.'],
      });
    }
    return key;
  };
  const facts = (key: KeyRecord): Omit<NewKey, 'secret' | 'callbackSecret'> => ({
    id: key.keyId,
    name: key.name,
    roles: key.roles.map((role) => role.name),
    expiresAt: isoTime(key.expiresAt),
  });
  if (dryRun) return { ...facts(await find(context.read)), secret: null, callbackSecret: null };
  return await context.write(async (repositories) => {
    const key = await find(repositories);
    const now = context.clock.now();
    const renewed: AccessKey = { id: key.keyId, secret };
    const proof = keyProof(renewed, context.secrets);
    await repositories.keys.rotate(key.id, proof, now + grace, now);
    const signing = key.callback === null ? null : callbackSecret(key.keyId, proof.verifier, context.secrets);
    return [
      { ...facts(key), secret, callbackSecret: signing },
      { object: `key:${key.name}`, result: 'done', details: { id: key.keyId, graceSeconds: grace / 1000 } },
    ];
  });
}
