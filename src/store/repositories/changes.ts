import type { Selectable } from 'kysely';
import type { ChangeRecord, ChangeRepository } from '../../sdk/ports/changes.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import type { ChangeTable } from '../schema/configuration.ts';

export class SqlChangeRepository implements ChangeRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async list(): Promise<readonly ChangeRecord[]> {
    const rows = await this.#kysely
      .selectFrom('change')
      .selectAll()
      .where('enterprise_id', '=', ENTERPRISE)
      .orderBy('name')
      .execute();
    return rows.map(toChange);
  }

  async find(name: string): Promise<ChangeRecord | undefined> {
    const row = await this.#kysely
      .selectFrom('change')
      .selectAll()
      .where('enterprise_id', '=', ENTERPRISE)
      .where('name', '=', name)
      .executeTakeFirst();
    return row && toChange(row);
  }

  async put({ name, edits, author, baseRevision, createdAt, updatedAt }: Omit<ChangeRecord, 'id'>): Promise<void> {
    const row = { edits: JSON.stringify(edits), updated_at: updatedAt };
    await this.#kysely
      .insertInto('change')
      .values({ ...row, enterprise_id: ENTERPRISE, name, author, base_revision: baseRevision, created_at: createdAt })
      .onConflict((conflict) => conflict.columns(['enterprise_id', 'name']).doUpdateSet(row))
      .execute();
  }

  async delete(name: string): Promise<void> {
    await this.#kysely.deleteFrom('change').where('enterprise_id', '=', ENTERPRISE).where('name', '=', name).execute();
  }
}

function toChange(row: Selectable<ChangeTable>): ChangeRecord {
  return {
    id: row.id,
    name: row.name,
    edits: JSON.parse(row.edits),
    author: row.author,
    baseRevision: row.base_revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
