import type { Selectable } from 'kysely';
import type { DeviceFileRecord, DeviceFileRepository, FileDirectory } from '../../sdk/ports/files.ts';
import type { Connection } from '../connection.ts';
import type { DeviceFileTable } from '../schema/content.ts';

const USED = `SELECT sha256 FROM resource UNION SELECT sha256 FROM image UNION SELECT sha256 FROM device_file
  UNION SELECT license FROM image WHERE license IS NOT NULL`;

export class SqlDeviceFileRepository implements DeviceFileRepository {
  readonly #connection: Connection;
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async all(): Promise<readonly DeviceFileRecord[]> {
    const rows = await this.#connection.kysely
      .selectFrom('device_file')
      .selectAll()
      .orderBy('device_id')
      .orderBy('name_key')
      .execute();
    return rows.map(toRecord);
  }

  async list(deviceId: number): Promise<readonly DeviceFileRecord[]> {
    return (await this.#of(deviceId).orderBy('name_key').execute()).map(toRecord);
  }

  async find(deviceId: number, name: string): Promise<DeviceFileRecord | undefined> {
    const row = await this.#of(deviceId).where('name_key', '=', name.toLowerCase()).executeTakeFirst();
    return row && toRecord(row);
  }

  async put({ deviceId, name, directory, sha256, size, createdBy, createdAt }: DeviceFileRecord): Promise<void> {
    const row = { name, directory, sha256, size, created_by: createdBy, created_at: createdAt };
    await this.#connection.kysely
      .insertInto('device_file')
      .values({ ...row, device_id: deviceId, name_key: name.toLowerCase() })
      .onConflict((conflict) => conflict.columns(['device_id', 'name_key']).doUpdateSet(row))
      .execute();
  }

  async delete(deviceId: number, name: string): Promise<void> {
    await this.#connection.kysely
      .deleteFrom('device_file')
      .where('device_id', '=', deviceId)
      .where('name_key', '=', name.toLowerCase())
      .execute();
  }

  async isUsed(sha256: string): Promise<boolean> {
    const row = this.#connection.database.prepare(`SELECT 1 FROM (${USED}) WHERE sha256 = ? LIMIT 1`).get(sha256);
    return row !== undefined;
  }

  #of(deviceId: number) {
    return this.#connection.kysely.selectFrom('device_file').selectAll().where('device_id', '=', deviceId);
  }
}

function toRecord(row: Selectable<DeviceFileTable>): DeviceFileRecord {
  const { device_id, name, directory, sha256, size, created_by, created_at } = row;
  return {
    deviceId: device_id,
    name,
    directory: directory as FileDirectory,
    sha256,
    size,
    createdBy: created_by,
    createdAt: created_at,
  };
}
