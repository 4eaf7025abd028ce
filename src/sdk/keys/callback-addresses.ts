/** Callback addresses of access keys: setting one, trying it, and what became of what was sent (KEY-02). */
import { isoTime } from '../access/inputs.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { CallbackRecord } from '../ports/callbacks.ts';
import { callbackSecret } from './callbacks.ts';
import { findKey, type Key, toKey, visible } from './keys.ts';

/** A message for the callback address of a key, or an attempt at one. */
export interface Callback {
  readonly key: string;
  readonly event: CallbackRecord['event'];
  readonly object: string;
  readonly state: CallbackRecord['state'];
  readonly attempts: number;
  readonly at: string;
  /** When it is tried next; null when it is not. */
  readonly nextAt: string | null;
  readonly endedAt: string | null;
  /** Why the last attempt failed. */
  readonly problem: string | null;
}

/** What was told to callback addresses lately, newest first; of one key, or of all within reach. */
export async function* listCallbacks(
  context: OperationContext,
  { key: reference, limit }: { readonly key?: string | undefined; readonly limit: number },
): AsyncGenerator<Callback> {
  const { keys, callbacks } = context.read;
  const all = reference === undefined ? await keys.list() : [await findKey(context, context.read, reference)];
  const names = new Map<number, string>();
  for (const key of all) if (await visible(context, context.read, key)) names.set(key.id, key.name);
  for (const { keyId, event, object, state, attempts, at, nextAt, endedAt, problem } of await callbacks.list(
    [...names.keys()],
    limit,
  )) {
    yield {
      key: names.get(keyId) ?? '',
      event,
      object,
      state,
      attempts,
      at: isoTime(at),
      nextAt: state === 'waiting' ? isoTime(nextAt) : null,
      endedAt: isoTime(endedAt),
      problem,
    };
  }
}

/** Sends `ping` to the callback address of a key. Throws `conflict` when it has none. */
export async function pingKey(
  context: OperationContext,
  reference: string,
): Promise<{ key: string; callback: string }> {
  return await context.write(async (repositories) => {
    const key = await findKey(context, repositories, reference);
    if (key.callback === null || key.revokedAt !== null) {
      const why = key.revokedAt !== null ? 'is revoked' : 'has no callback address';
      throw new PhonectlError('conflict', `The access key "${key.name}" ${why}.`, {
        hints: ['Give it one: `phonectl key edit NAME --callback URL`.'],
      });
    }
    await repositories.callbacks.announce('ping', key.keyId, context.clock.now(), key.id);
    return [
      { key: key.name, callback: key.callback },
      { object: `key:${key.name}`, result: 'done' },
    ];
  });
}

/** What is signed with belongs to the secret of the key, and stays as it is. */
export interface EditedKey extends Key {
  /** Shown to whoever sets an address: what its messages are signed with. Null where there is none, and in a dry run. */
  readonly callbackSecret: string | null;
}

/** Sets or, with an empty text, removes the callback address of a key. */
export async function editKey(
  context: OperationContext,
  input: { readonly key: string; readonly callback: string; readonly dryRun: boolean },
): Promise<EditedKey> {
  const callback = input.callback === '' ? null : input.callback;
  const now = context.clock.now();
  if (input.dryRun) {
    const key = await findKey(context, context.read, input.key);
    return { ...toKey({ ...key, callback }, now), callbackSecret: null };
  }
  return await context.write(async (repositories) => {
    const key = await findKey(context, repositories, input.key);
    await repositories.keys.setCallback(key.id, callback);
    const proofs = await repositories.keys.proofs(key.keyId);
    const secret =
      callback === null || proofs === undefined
        ? null
        : callbackSecret(key.keyId, proofs.current.verifier, context.secrets);
    return [
      { ...toKey({ ...key, callback }, now), callbackSecret: secret },
      { object: `key:${key.name}`, result: 'done', details: { callback: callback !== null } },
    ];
  });
}
