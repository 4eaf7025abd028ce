import type { SettingsRepository } from '../../sdk/ports/settings.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';

export class SqlSettingsRepository implements SettingsRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async get<T>(name: string): Promise<T | undefined> {
    const row = await this.#kysely
      .selectFrom('setting')
      .select('value')
      .where('enterprise_id', '=', ENTERPRISE)
      .where('name', '=', name)
      .executeTakeFirst();
    return row === undefined ? undefined : (JSON.parse(row.value) as T);
  }

  async set(name: string, value: unknown): Promise<void> {
    const text = JSON.stringify(value);
    await this.#kysely
      .insertInto('setting')
      .values({ enterprise_id: ENTERPRISE, name, value: text })
      .onConflict((conflict) => conflict.columns(['enterprise_id', 'name']).doUpdateSet({ value: text }))
      .execute();
  }

  async delete(name: string): Promise<void> {
    await this.#kysely.deleteFrom('setting').where('enterprise_id', '=', ENTERPRISE).where('name', '=', name).execute();
  }

  async list(prefix: string): Promise<ReadonlyArray<readonly [string, unknown]>> {
    const rows = await this.#kysely
      .selectFrom('setting')
      .select(['name', 'value'])
      .where('enterprise_id', '=', ENTERPRISE)
      .where('name', '>=', prefix)
      .where('name', '<', `${prefix}\u{10ffff}`)
      .orderBy('name')
      .execute();
    return rows.map(({ name, value }) => [name, JSON.parse(value)] as const);
  }
}
