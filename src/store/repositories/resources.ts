import type { Selectable } from 'kysely';
import { nameKey } from '../../domain/text.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import type { ResourceRecord, ResourceRepository } from '../../sdk/ports/files.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import type { ResourceTable } from '../schema/content.ts';

export class SqlResourceRepository implements ResourceRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async list(): Promise<readonly ResourceRecord[]> {
    return (await this.#all().orderBy('name_key').execute()).map(toRecord);
  }

  async find(reference: string): Promise<ResourceRecord | undefined> {
    const byName = await this.#all().where('name_key', '=', nameKey(reference)).executeTakeFirst();
    if (byName !== undefined) return toRecord(byName);
    if (!/^\d{1,15}$/.test(reference)) return undefined;
    const byId = await this.#all().where('id', '=', Number(reference)).executeTakeFirst();
    return byId && toRecord(byId);
  }

  async byServed(servedAs: string): Promise<ResourceRecord | undefined> {
    const row = await this.#all().where('served_key', '=', servedAs.toLowerCase()).executeTakeFirst();
    return row && toRecord(row);
  }

  async insert(resource: Omit<ResourceRecord, 'id' | 'version'>): Promise<number> {
    await this.#refuseTaken(resource, undefined);
    const row = { ...toRow(resource), enterprise_id: ENTERPRISE, created_at: resource.createdAt };
    const { id } = await this.#kysely.insertInto('resource').values(row).returning('id').executeTakeFirstOrThrow();
    return id;
  }

  async update(resource: ResourceRecord): Promise<void> {
    await this.#refuseTaken(resource, resource.id);
    await this.#kysely
      .updateTable('resource')
      .set({ ...toRow(resource), version: resource.version + 1 })
      .where('id', '=', resource.id)
      .execute();
  }

  async delete(ids: readonly number[]): Promise<void> {
    await this.#kysely.deleteFrom('resource').where('id', 'in', ids).execute();
  }

  #all() {
    return this.#kysely.selectFrom('resource').selectAll().where('enterprise_id', '=', ENTERPRISE);
  }

  async #refuseTaken(
    { name, servedAs }: Pick<ResourceRecord, 'name' | 'servedAs'>,
    self: number | undefined,
  ): Promise<void> {
    const row = await this.#all()
      .where((is) => is.or([is('name_key', '=', nameKey(name)), is('served_key', '=', servedAs.toLowerCase())]))
      .where('id', '!=', self ?? 0)
      .executeTakeFirst();
    if (row === undefined) return;
    const what = row.name_key === nameKey(name) ? `of the name "${name}"` : `that phones ask for as ${servedAs}`;
    throw new PhonectlError('exists', `There is a resource ${what} already.`, {
      hints: [`Look at it: phonectl resource show "${row.name}". Replace its file: phonectl resource edit … --file.`],
    });
  }
}

function toRow(resource: Omit<ResourceRecord, 'id' | 'version'>) {
  const { name, servedAs, type, description, models, sha256, size, createdBy, updatedAt } = resource;
  return {
    name,
    name_key: nameKey(name),
    served_as: servedAs,
    served_key: servedAs.toLowerCase(),
    type,
    description,
    models: JSON.stringify(models),
    sha256,
    size,
    created_by: createdBy,
    updated_at: updatedAt,
  };
}

function toRecord(row: Selectable<ResourceTable>): ResourceRecord {
  const { id, name, served_as, type, description, models, sha256, size, version, created_by } = row;
  return {
    id,
    name,
    servedAs: served_as,
    type,
    description,
    models: JSON.parse(models) as readonly string[],
    sha256,
    size,
    version,
    createdBy: created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
