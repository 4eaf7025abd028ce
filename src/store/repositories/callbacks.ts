import type { Selectable } from 'kysely';
import type { CallbackEvent, CallbackRecord, CallbackRepository, CallbackState } from '../../sdk/ports/callbacks.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import type { CallbackTable } from '../schema/access.ts';

/** See {@link CallbackRepository.announce}; called in the transaction of what happened. */
export async function announce(
  kysely: Connection['kysely'],
  event: CallbackEvent,
  object: string,
  at: number,
  keyId?: number,
): Promise<void> {
  const keys = await kysely
    .selectFrom('access_key')
    .select('id')
    .where('enterprise_id', '=', ENTERPRISE)
    .where('callback', 'is not', null)
    .where('revoked_at', 'is', null)
    .$if(keyId !== undefined, (query) => query.where('id', '=', keyId!))
    .execute();
  if (keys.length === 0) return;
  const { randomUUID } = process.getBuiltinModule('node:crypto');
  const rows = keys.map(({ id }) => ({ uid: randomUUID(), key_id: id, event, object, at, next_at: at }));
  await kysely.insertInto('callback').values(rows).execute();
}

export class SqlCallbackRepository implements CallbackRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async announce(event: CallbackEvent, object: string, at: number, keyId?: number): Promise<void> {
    await announce(this.#kysely, event, object, at, keyId);
  }

  async due(now: number, limit: number): Promise<readonly CallbackRecord[]> {
    const rows = await this.#kysely
      .selectFrom('callback')
      .selectAll()
      .where('state', '=', 'waiting')
      .where('next_at', '<=', now)
      .orderBy('next_at')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toRecord);
  }

  async claim({ id, nextAt }: CallbackRecord, until: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#kysely
      .updateTable('callback')
      .set({ next_at: until })
      .where('id', '=', id)
      .where('next_at', '=', nextAt)
      .where('state', '=', 'waiting')
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async change(id: number, change: Parameters<CallbackRepository['change']>[1]): Promise<void> {
    const { state, attempts, nextAt, endedAt, problem } = change;
    await this.#kysely
      .updateTable('callback')
      .set({ state, attempts, next_at: nextAt, ended_at: endedAt, problem })
      .where('id', '=', id)
      .execute();
  }

  async list(keyIds: readonly number[], limit: number): Promise<readonly CallbackRecord[]> {
    if (keyIds.length === 0) return [];
    const rows = await this.#kysely
      .selectFrom('callback')
      .selectAll()
      .where('key_id', 'in', keyIds)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toRecord);
  }

  async deleteEndedBefore(at: number): Promise<void> {
    await this.#kysely.deleteFrom('callback').where('ended_at', '<', at).execute();
  }
}

function toRecord(row: Selectable<CallbackTable>): CallbackRecord {
  const { id, uid, key_id, event, object, at, state, attempts, next_at, ended_at, problem } = row;
  return {
    id,
    uid,
    keyId: key_id,
    event: event as CallbackEvent,
    object,
    at,
    state: state as CallbackState,
    attempts,
    nextAt: next_at,
    endedAt: ended_at,
    problem,
  };
}
