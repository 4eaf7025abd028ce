import type { Selectable } from 'kysely';
import {
  type CaptureRecord,
  type CaptureRepository,
  type CaptureState,
  OPEN_STATES,
} from '../../sdk/ports/captures.ts';
import { chunked } from '../chunks.ts';
import type { Connection } from '../connection.ts';
import type { CaptureTable } from '../schema/content.ts';
import { announce } from './callbacks.ts';

export class SqlCaptureRepository implements CaptureRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  open(deviceId: number): Promise<CaptureRecord | undefined> {
    return this.newest(deviceId, OPEN_STATES);
  }

  async newest(deviceId: number, states: readonly CaptureState[]): Promise<CaptureRecord | undefined> {
    const row = await this.#kysely
      .selectFrom('capture')
      .selectAll()
      .where('device_id', '=', deviceId)
      .where('state', 'in', states)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && toRecord(row);
  }

  async list(deviceIds: readonly number[] | 'all'): Promise<readonly CaptureRecord[]> {
    if (deviceIds === 'all') {
      const rows = await this.#kysely.selectFrom('capture').selectAll().orderBy('id', 'desc').execute();
      return rows.map(toRecord);
    }
    const found: CaptureRecord[] = [];
    for (const ids of chunked(deviceIds)) {
      const rows = await this.#kysely
        .selectFrom('capture')
        .selectAll()
        .where('device_id', 'in', ids)
        .orderBy('id', 'desc')
        .execute();
      found.push(...rows.map(toRecord));
    }
    return found.sort((a, b) => b.id - a.id);
  }

  async countOpen(): Promise<number> {
    const { number } = await this.#kysely
      .selectFrom('capture')
      .select(({ fn }) => fn.countAll<number>().as('number'))
      .where('state', 'in', OPEN_STATES)
      .executeTakeFirstOrThrow();
    return Number(number);
  }

  async overdue(at: number): Promise<readonly CaptureRecord[]> {
    const rows = await this.#kysely
      .selectFrom('capture')
      .selectAll()
      .where('state', 'in', OPEN_STATES)
      .where('ends_at', '<=', at)
      .orderBy('id')
      .execute();
    return rows.map(toRecord);
  }

  async add({ deviceId, switched, startedAt, endsAt, endedAt, ...rest }: Omit<CaptureRecord, 'id'>): Promise<number> {
    const times = { started_at: startedAt, ends_at: endsAt, ended_at: endedAt };
    const { id } = await this.#kysely
      .insertInto('capture')
      .values({ ...rest, ...times, device_id: deviceId, switched: switched ? 1 : 0 })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  }

  async delete(id: number): Promise<void> {
    await this.#kysely.deleteFrom('capture').where('id', '=', id).execute();
  }

  async deleteEndedBefore(at: number): Promise<void> {
    await this.#kysely.deleteFrom('capture').where('state', 'not in', OPEN_STATES).where('ended_at', '<', at).execute();
  }

  async change(id: number, change: Parameters<CaptureRepository['change']>[1]): Promise<void> {
    const { state, switched, endsAt, endedAt, reason } = change;
    const { device_id: deviceId } = await this.#kysely
      .updateTable('capture')
      .set({
        ...(state !== undefined && { state }),
        ...(switched !== undefined && { switched: switched ? 1 : 0 }),
        ...(endsAt !== undefined && { ends_at: endsAt }),
        ...(endedAt !== undefined && { ended_at: endedAt }),
        ...(reason !== undefined && { reason }),
      })
      .where('id', '=', id)
      .returning('device_id')
      .executeTakeFirstOrThrow();
    if (endedAt != null) await announce(this.#kysely, 'capture.ended', `${deviceId}/${id}`, endedAt);
  }
}

function toRecord(row: Selectable<CaptureTable>): CaptureRecord {
  const { device_id, started_at, ends_at, ended_at, switched, state, ...rest } = row;
  return {
    ...rest,
    deviceId: device_id,
    state: state as CaptureState,
    switched: switched === 1,
    startedAt: started_at,
    endsAt: ends_at,
    endedAt: ended_at,
  };
}
