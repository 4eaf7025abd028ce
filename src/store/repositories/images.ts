import type { Selectable } from 'kysely';
import { nameKey } from '../../domain/text.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import { type ImageFamily, type ImageRecord, type ImageRepository, imagePath } from '../../sdk/ports/files.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import type { ImageTable } from '../schema/content.ts';

export class SqlImageRepository implements ImageRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async list(): Promise<readonly ImageRecord[]> {
    return (await this.#all().orderBy('vendor').orderBy('release', 'desc').orderBy('id').execute()).map(toRecord);
  }

  async find(reference: string): Promise<ImageRecord | undefined> {
    const byName = await this.#all().where('name_key', '=', nameKey(reference)).executeTakeFirst();
    if (byName !== undefined) return toRecord(byName);
    if (!/^\d{1,15}$/.test(reference)) return undefined;
    const byId = await this.#all().where('id', '=', Number(reference)).executeTakeFirst();
    return byId && toRecord(byId);
  }

  async insert(image: Omit<ImageRecord, 'id' | 'version'>): Promise<number> {
    await this.#refuseTaken(image, undefined);
    const row = { ...toRow(image), enterprise_id: ENTERPRISE, created_at: image.createdAt };
    const { id } = await this.#kysely.insertInto('image').values(row).returning('id').executeTakeFirstOrThrow();
    return id;
  }

  async update(image: ImageRecord): Promise<void> {
    await this.#refuseTaken(image, image.id);
    await this.#kysely
      .updateTable('image')
      .set({ ...toRow(image), version: image.version + 1 })
      .where('id', '=', image.id)
      .execute();
  }

  async delete(ids: readonly number[]): Promise<void> {
    await this.#kysely.deleteFrom('image').where('id', 'in', ids).execute();
  }

  #all() {
    return this.#kysely.selectFrom('image').selectAll().where('enterprise_id', '=', ENTERPRISE);
  }

  async #refuseTaken(image: Omit<ImageRecord, 'id' | 'version'>, self: number | undefined): Promise<void> {
    const row = await this.#all()
      .where((is) =>
        is.or([is('name_key', '=', nameKey(image.name)), is('served_key', '=', imagePath(image).toLowerCase())]),
      )
      .where('id', '!=', self ?? 0)
      .executeTakeFirst();
    if (row === undefined) return;
    throw new PhonectlError(
      'exists',
      `The firmware "${row.name}" has this name, or the same file and version, already.`,
      {
        hints: ['Give this one another name, or replace the file: phonectl firmware edit NAME --content FILE.'],
      },
    );
  }
}

function toRow(image: Omit<ImageRecord, 'id' | 'version'>) {
  const { name, vendor, family, release, description, models, fileName, sha256, size } = image;
  return {
    name,
    name_key: nameKey(name),
    vendor,
    family,
    release,
    description,
    models: JSON.stringify(models),
    file_name: fileName,
    sha256,
    size,
    served_key: imagePath(image).toLowerCase(),
    license: image.license?.sha256 ?? null,
    license_name: image.license?.name ?? null,
    license_size: image.license?.size ?? null,
    created_by: image.createdBy,
    updated_at: image.updatedAt,
  };
}

function toRecord(row: Selectable<ImageTable>): ImageRecord {
  const { id, name, vendor, family, release, description, models, sha256, size, license, version } = row;
  const { license_name: licenseName, license_size: licenseSize } = row;
  return {
    id,
    name,
    vendor,
    family: family as ImageFamily,
    release,
    description,
    models: JSON.parse(models) as readonly string[],
    fileName: row.file_name,
    sha256,
    size,
    license:
      license === null || licenseName === null || licenseSize === null
        ? null
        : { sha256: license, name: licenseName, size: licenseSize },
    version,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
