import type { StatementSync } from 'node:sqlite';
import type { Diagnosis, DiagnosisRepository } from '../../sdk/ports/diagnoses.ts';
import type { StoredParameter } from '../../sdk/ports/profiles.ts';
import type { Connection } from '../connection.ts';

const COLUMNS = 'device_id AS "deviceId", uid, parameters, author, changed_at AS "changedAt"';

type Row = Omit<Diagnosis, 'parameters'> & { readonly parameters: string };

export class SqlDiagnosisRepository implements DiagnosisRepository {
  readonly #connection: Connection;
  /** Asked whenever the store has changed, by the server as well. */
  #all: StatementSync | undefined;
  #one: StatementSync | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  find(deviceId: number): Diagnosis | undefined {
    this.#one ??= this.#connection.database.prepare(`SELECT ${COLUMNS} FROM diagnosis WHERE device_id = ?`);
    const row = this.#one.get(deviceId) as unknown as Row | undefined;
    return row && toDiagnosis(row);
  }

  all(): readonly Diagnosis[] {
    this.#all ??= this.#connection.database.prepare(`SELECT ${COLUMNS} FROM diagnosis ORDER BY device_id`);
    return (this.#all.all() as unknown as Row[]).map(toDiagnosis);
  }

  async put({ deviceId, uid, parameters, author, changedAt }: Diagnosis): Promise<void> {
    const row = { uid, parameters: JSON.stringify(parameters), author, changed_at: changedAt };
    await this.#connection.kysely
      .insertInto('diagnosis')
      .values({ device_id: deviceId, ...row })
      .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row))
      .execute();
  }

  async delete(deviceId: number): Promise<void> {
    await this.#connection.kysely.deleteFrom('diagnosis').where('device_id', '=', deviceId).execute();
  }
}

function toDiagnosis(row: Row): Diagnosis {
  return { ...row, parameters: JSON.parse(row.parameters) as readonly StoredParameter[] };
}
