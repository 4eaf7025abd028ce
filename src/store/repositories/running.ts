import type { Selectable } from 'kysely';
import {
  type Difference,
  OVERRIDES_NOTE,
  type RunningBasis,
  type RunningRecord,
  type RunningRepository,
} from '../../sdk/ports/running.ts';
import { chunked } from '../chunks.ts';
import type { Connection } from '../connection.ts';
import type { DeviceRunningTable } from '../schema/fleet.ts';

export class SqlRunningRepository implements RunningRepository {
  readonly #connection: Connection;
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async of(deviceIds: readonly number[]): Promise<ReadonlyMap<number, RunningRecord>> {
    const found = new Map<number, RunningRecord>();
    for (const ids of chunked(deviceIds)) {
      const rows = await this.#connection.kysely
        .selectFrom('device_running')
        .selectAll()
        .where('device_id', 'in', ids)
        .execute();
      for (const row of rows) found.set(row.device_id, toRecord(row));
    }
    return found;
  }

  async record(records: readonly RunningRecord[]): Promise<void> {
    const { database } = this.#connection;
    const put = database.prepare(
      `INSERT INTO device_running (device_id, at, desired, running, basis, differences)
       SELECT id, ?2, ?3, ?4, ?5, ?6 FROM device WHERE id = ?1
       ON CONFLICT (device_id) DO UPDATE SET at = ?2, desired = ?3, running = ?4, basis = ?5, differences = ?6`,
    );
    const fact = database.prepare(
      `INSERT INTO device_fact (device_id, running_digest, running_at) SELECT id, ?3, ?2 FROM device WHERE id = ?1
       ON CONFLICT (device_id) DO UPDATE SET running_digest = ?3, running_at = ?2`,
    );
    // A note of another kind stays: it was there first, and says something that a human should look at.
    const note = database.prepare(
      `UPDATE device_fact SET attention = ?2
       WHERE device_id = ?1 AND (attention IS NULL OR attention LIKE '${OVERRIDES_NOTE}%')`,
    );
    for (const { deviceId, at, desired, running, basis, differences } of records) {
      put.run(deviceId, at, desired, running, basis, JSON.stringify(differences));
      fact.run(deviceId, at, running);
      note.run(deviceId, noteOf(differences));
    }
  }
}

function noteOf({ length }: readonly Difference[]): string | null {
  return length === 0 ? null : `${OVERRIDES_NOTE}${length} ${length === 1 ? 'parameter' : 'parameters'} itself`;
}

function toRecord(row: Selectable<DeviceRunningTable>): RunningRecord {
  const { device_id, at, desired, running, basis, differences } = row;
  return {
    deviceId: device_id,
    at,
    desired,
    running,
    basis: basis as RunningBasis,
    differences: JSON.parse(differences) as readonly Difference[],
  };
}
