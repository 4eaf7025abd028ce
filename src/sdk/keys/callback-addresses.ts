/** Callback addresses of access keys: trying one, and what became of what was sent (KEY-02). */
import { isoTime } from '../access/inputs.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { CallbackRecord } from '../ports/callbacks.ts';
import { findKey, visible } from './keys.ts';

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
