/** Changing an access key: what it is called, what it may do, how long, from where, and whom it calls back (KEY-01, KEY-02). */
import { checkBounds } from '../access/bounds.ts';
import { rolesNamed } from '../access/reach.ts';
import type { OperationContext } from '../context.ts';
import type { KeyRecord } from '../ports/keys.ts';
import type { Repositories } from '../ports/store.ts';
import { callbackSecret } from './callbacks.ts';
import { checkName, expiryOf, findKey, type Key, notRevoked, toKey } from './keys.ts';

/** The key as it is now. Its own secret is nobody's business here, and stays as it is. */
export interface EditedKey extends Key {
  /** Shown to whoever sets an address: what its messages are signed with. Null for any other edit, and in a dry run. */
  readonly callbackSecret: string | null;
}

/** What is left out stays. */
export interface KeyEdit {
  readonly key: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  /** Empty for everywhere. */
  readonly from?: readonly string[] | undefined;
  /** A time, or a length of time from now; an empty text for no end. */
  readonly expires?: string | undefined;
  /** An empty text for none. */
  readonly callback?: string | undefined;
  readonly dryRun: boolean;
}

/** Holds from the next request on; what runs with the key is looked at within a second. */
export async function editKey(context: OperationContext, edit: KeyEdit): Promise<EditedKey> {
  const now = context.clock.now();
  if (edit.dryRun) {
    const [, after] = await edited(context, context.read, edit, now);
    return { ...toKey(after, now), callbackSecret: null };
  }
  return await context.write(async (repositories) => {
    const { keys } = repositories;
    const [before, key] = await edited(context, repositories, edit, now);
    await keys.edit(key.id, { ...key, roleIds: key.roles.map(({ id }) => id) });
    const proofs = edit.callback ? await keys.proofs(key.keyId) : undefined;
    const secret = proofs && callbackSecret(key.keyId, proofs.current.verifier, context.secrets);
    const result = { ...toKey({ ...key, version: key.version + 1 }, now), callbackSecret: secret ?? null };
    return [result, { object: `key:${before.name}`, result: 'done', details: recorded(edit, result) }];
  });
}

/** The key as it is and as it would be. */
async function edited(
  context: OperationContext,
  repositories: Repositories,
  edit: KeyEdit,
  now: number,
): Promise<[KeyRecord, KeyRecord]> {
  const { expires, callback } = edit;
  const key = notRevoked(await findKey(context, repositories, edit.key));
  context.checkVersion(key.version);
  if (edit.name !== undefined) await checkName(repositories, edit.name, key.id);
  const roles = edit.roles && (await rolesNamed(context, repositories.roles, edit.roles));
  const after: KeyRecord = {
    ...key,
    name: edit.name ?? key.name,
    description: edit.description ?? key.description,
    roles: roles?.map(({ id, name }) => ({ id, name })) ?? key.roles,
    networks: edit.from ?? key.networks,
    expiresAt: expires === undefined ? key.expiresAt : expires === '' ? null : expiryOf(expires, now),
    callback: callback === undefined ? key.callback : callback || null,
  };
  if (edit.roles !== undefined || edit.from !== undefined || expires !== undefined) {
    await checkBounds(context, repositories, { until: after.expiresAt, networks: after.networks });
  }
  return [key, after];
}

/** What of the key was changed, for the log; of the callback address only whether there is one. */
function recorded(edit: KeyEdit, key: Key): Readonly<Record<string, unknown>> {
  return {
    id: key.id,
    ...(edit.name !== undefined && { name: key.name }),
    ...(edit.roles !== undefined && { roles: key.roles }),
    ...(edit.from !== undefined && { from: key.from }),
    ...(edit.expires !== undefined && { expiresAt: key.expiresAt }),
    ...(edit.callback !== undefined && { callback: key.callback !== null }),
  };
}
