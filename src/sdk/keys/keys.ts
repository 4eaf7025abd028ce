/** Access keys: handlers of `operations/keys.ts` (KEY-01..03). */
import { checkBounds } from '../access/bounds.ts';
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
  readonly description: string;
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
  readonly version: number;
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
    description: key.description,
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
    version: key.version,
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

/** Throws `exists` when another key is called so. */
export async function checkName({ keys }: Repositories, name: string, own?: number): Promise<void> {
  const other = await keys.find(name);
  if (other === undefined || other.id === own) return;
  throw new PhonectlError('exists', `There is an access key "${name}" already.`, {
    hints: ['A new secret for it: `phonectl key rotate NAME`.'],
  });
}

/** The key itself. Throws `conflict` when it is revoked. */
export function notRevoked(key: KeyRecord): KeyRecord {
  if (key.revokedAt === null) return key;
  throw new PhonectlError('conflict', `The access key "${key.name}" is revoked for good.`, {
    hints: ['Make a new one with `phonectl key create`.'],
  });
}

export interface KeyInput {
  readonly name: string;
  readonly description?: string | undefined;
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
  const names = async (repositories: Repositories): Promise<readonly RoleRecord[]> => {
    await checkName(repositories, input.name);
    await checkBounds(context, repositories, { until: expiresAt, networks: input.from ?? [] });
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
        description: input.description ?? '',
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

/** Throws `invalid_input` for a time that has passed. */
export function expiryOf(text: string, now: number): number {
  const duration = parseDuration(text);
  const end = duration === undefined ? Date.parse(text) : now + duration;
  if (end > now) return end;
  throw new PhonectlError('invalid_input', 'The expiry of the key is in the past.');
}

/** Refused from the next request on; running ones end within a second. Revoking again changes nothing. */
export async function revokeKey(context: OperationContext, reference: string, dryRun: boolean): Promise<Key> {
  if (dryRun) return await showKey(context, reference);
  return await context.write(async (repositories) => {
    const key = await findKey(context, repositories, reference);
    context.checkVersion(key.version);
    const now = context.clock.now();
    if (key.revokedAt === null) await repositories.keys.revoke(key.id, now);
    const after = key.revokedAt === null ? { ...key, revokedAt: now, version: key.version + 1 } : key;
    return [toKey(after, now), { object: `key:${key.name}`, result: 'done', details: { id: key.keyId } }];
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
    const key = notRevoked(await findKey(context, repositories, reference));
    context.checkVersion(key.version);
    // Its new secret is in the caller's hands.
    await checkBounds(context, repositories, { until: key.expiresAt, networks: key.networks });
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
