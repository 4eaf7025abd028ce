import type { Selectable } from 'kysely';
import type { FirmwareBefore, GivenFile, GivenFileRepository } from '../../sdk/ports/given-files.ts';
import { chunked } from '../chunks.ts';
import type { Connection } from '../connection.ts';
import type { GivenFileTable } from '../schema/tasks.ts';

type Row = Selectable<GivenFileTable>;

export class SqlGivenFileRepository implements GivenFileRepository {
  readonly #connection: Connection;
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async give(file: GivenFile): Promise<void> {
    const current = await this.#row(file.deviceId, file.slot);
    const same = current?.run_id === file.runId;
    const before = current === undefined ? null : same ? current.before : JSON.stringify({ ...current, before: null });
    const row = toRow(file);
    // A device that was deleted meanwhile is given nothing.
    this.#connection.database
      .prepare(
        `INSERT INTO given_file (device_id, slot, file_id, parameters, task_id, run_id, at, before)
         SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM device WHERE id = ?1
         ON CONFLICT (device_id, slot) DO UPDATE SET file_id = ?3, parameters = ?4, task_id = ?5, run_id = ?6, at = ?7,
           before = ?8`,
      )
      .run(row.device_id, row.slot, row.file_id, row.parameters, row.task_id, row.run_id, row.at, before);
  }

  async withdraw(deviceId: number, slot: string, runId: number): Promise<void> {
    const row = await this.#row(deviceId, slot);
    if (row === undefined || row.run_id !== runId) return;
    await this.#connection.kysely
      .deleteFrom('given_file')
      .where('device_id', '=', deviceId)
      .where('slot', '=', slot)
      .execute();
    if (row.before === null) return;
    await this.#connection.kysely
      .insertInto('given_file')
      .values(JSON.parse(row.before) as Row)
      .execute();
  }

  async of(deviceIds: readonly number[]): Promise<readonly GivenFile[]> {
    const found: GivenFile[] = [];
    for (const ids of chunked(deviceIds)) {
      const rows = await this.#connection.kysely
        .selectFrom('given_file')
        .selectAll()
        .where('device_id', 'in', ids)
        .orderBy('device_id')
        .orderBy('slot')
        .execute();
      found.push(...rows.map(toGivenFile));
    }
    return found;
  }

  async givenTo(slot: string, fileIds: readonly number[]): Promise<number> {
    const { count } = this.#connection.kysely.fn;
    const { devices } = await this.#connection.kysely
      .selectFrom('given_file')
      .select(count('device_id').distinct().as('devices'))
      .where('file_id', 'in', fileIds)
      .where('slot', '=', slot)
      .executeTakeFirstOrThrow();
    return Number(devices);
  }

  async remove(deviceIds: readonly number[], slot: string): Promise<number> {
    let removed = 0n;
    for (const ids of chunked(deviceIds)) {
      const { numDeletedRows } = await this.#connection.kysely
        .deleteFrom('given_file')
        .where('device_id', 'in', ids)
        .where('slot', '=', slot)
        .executeTakeFirst();
      removed += numDeletedRows;
    }
    return Number(removed);
  }

  async noteBefore(runId: number, { deviceId, release }: FirmwareBefore): Promise<void> {
    await this.#connection.kysely
      .insertInto('firmware_before')
      .values({ run_id: runId, device_id: deviceId, release })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async before(runId: number): Promise<readonly FirmwareBefore[]> {
    return this.#connection.kysely
      .selectFrom('firmware_before')
      .select(['device_id as deviceId', 'release'])
      .where('run_id', '=', runId)
      .execute();
  }

  async #row(deviceId: number, slot: string): Promise<Row | undefined> {
    return this.#connection.kysely
      .selectFrom('given_file')
      .selectAll()
      .where('device_id', '=', deviceId)
      .where('slot', '=', slot)
      .executeTakeFirst();
  }
}

function toRow({ deviceId, slot, fileId, parameters, taskId, runId, at }: GivenFile): Omit<Row, 'before'> {
  return {
    device_id: deviceId,
    slot,
    file_id: fileId,
    parameters: JSON.stringify(parameters),
    task_id: taskId,
    run_id: runId,
    at,
  };
}

function toGivenFile({ device_id, slot, file_id, parameters, task_id, run_id, at }: Row): GivenFile {
  return {
    deviceId: device_id,
    slot,
    fileId: file_id,
    parameters: JSON.parse(parameters) as GivenFile['parameters'],
    taskId: task_id,
    runId: run_id,
    at,
  };
}
