import type { Selectable } from 'kysely';
import type { NewUpload, Upload, UploadRepository } from '../../sdk/ports/uploads.ts';
import type { Connection } from '../connection.ts';
import type { UploadTable } from '../schema/content.ts';

export class SqlUploadRepository implements UploadRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async list(deviceId: number): Promise<readonly Upload[]> {
    const rows = await this.#kysely
      .selectFrom('upload')
      .selectAll()
      .where('device_id', '=', deviceId)
      .orderBy('name')
      .execute();
    return rows.map(toUpload);
  }

  async find(deviceId: number, name: string): Promise<Upload | undefined> {
    const row = await this.#kysely
      .selectFrom('upload')
      .selectAll()
      .where('device_id', '=', deviceId)
      .where('name', '=', name)
      .executeTakeFirst();
    return row && toUpload(row);
  }

  async receivedBefore(at: number, kinds: readonly string[]): Promise<readonly Upload[]> {
    const rows = await this.#kysely
      .selectFrom('upload')
      .selectAll()
      .where('received_at', '<', at)
      .where('kind', 'in', kinds)
      .execute();
    return rows.map(toUpload);
  }

  async record({ deviceId, receivedAt, ...rest }: NewUpload): Promise<void> {
    const row = { ...rest, device_id: deviceId, received_at: receivedAt };
    await this.#kysely
      .insertInto('upload')
      .values(row)
      .onConflict((conflict) => conflict.columns(['device_id', 'name']).doUpdateSet(row))
      .execute();
  }

  async delete(deviceId: number, name: string): Promise<void> {
    await this.#kysely.deleteFrom('upload').where('device_id', '=', deviceId).where('name', '=', name).execute();
  }
}

function toUpload({ device_id, received_at, ...rest }: Selectable<UploadTable>): Upload {
  return { ...rest, deviceId: device_id, receivedAt: received_at };
}
