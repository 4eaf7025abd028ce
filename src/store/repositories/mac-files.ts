import type { Selectable } from 'kysely';
import type { MacFileRepository, MacFileVersion } from '../../sdk/ports/mac-files.ts';
import type { StoredParameter } from '../../sdk/ports/profiles.ts';
import { chunked } from '../chunks.ts';
import type { Connection } from '../connection.ts';
import type { MacFileTable } from '../schema/configuration.ts';

export class SqlMacFileRepository implements MacFileRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async history(deviceId: number): Promise<readonly MacFileVersion[]> {
    const rows = await this.#kysely
      .selectFrom('mac_file')
      .selectAll()
      .where('device_id', '=', deviceId)
      .orderBy('id', 'desc')
      .execute();
    return rows.map(toVersion);
  }

  async active(deviceIds: readonly number[]): Promise<readonly MacFileVersion[]> {
    const found: MacFileVersion[] = [];
    for (const ids of chunked(deviceIds)) {
      const rows = await this.#kysely
        .selectFrom('mac_file')
        .selectAll()
        .where('active', '=', 1)
        .where('device_id', 'in', ids)
        .orderBy('device_id')
        .execute();
      found.push(...rows.map(toVersion));
    }
    return found;
  }

  async add({ deviceId, uid, parameters, source, author, createdAt }: Omit<MacFileVersion, 'id' | 'active'>) {
    await this.#none(deviceId);
    const row = { device_id: deviceId, uid, parameters: JSON.stringify(parameters), source, author };
    const { id } = await this.#kysely
      .insertInto('mac_file')
      .values({ ...row, active: 1, created_at: createdAt })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  }

  async activate(deviceId: number, id: number | null): Promise<void> {
    await this.#none(deviceId);
    if (id === null) return;
    await this.#kysely
      .updateTable('mac_file')
      .set({ active: 1 })
      .where('device_id', '=', deviceId)
      .where('id', '=', id)
      .execute();
  }

  async #none(deviceId: number): Promise<void> {
    await this.#kysely.updateTable('mac_file').set({ active: 0 }).where('device_id', '=', deviceId).execute();
  }
}

function toVersion(row: Selectable<MacFileTable>): MacFileVersion {
  const { id, device_id, uid, parameters, source, author, active, created_at } = row;
  return {
    id,
    deviceId: device_id,
    uid,
    parameters: JSON.parse(parameters) as readonly StoredParameter[],
    source,
    author,
    active: active === 1,
    createdAt: created_at,
  };
}
