import { type RawBuilder, sql } from 'kysely';
import { nameKey } from '../../domain/text.ts';
import type { DataScope } from '../../sdk/context.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import type { GroupRecord, GroupRepository } from '../../sdk/ports/groups.ts';
import type { ListQuery } from '../../sdk/ports/sites.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import { contains, inPieces, inScope, orderBy, unique, window } from '../listing.ts';
import { forgetTargets } from './assignment-targets.ts';

interface Row {
  id: number;
  name: string;
  description: string;
  rank: number;
  default_rank: number | null;
  device_count: number;
  version: number;
  created_at: number;
  updated_at: number;
}

const SORTABLE = {
  rank: sql`device_group.rank`,
  name: sql`device_group.name_key`,
  description: sql`lower(device_group.description)`,
  deviceCount: sql`device_count`,
  defaultRank: sql`device_group.default_rank`,
  createdAt: sql`device_group.created_at`,
  updatedAt: sql`device_group.updated_at`,
};

export class SqlGroupRepository implements GroupRepository {
  readonly #kysely: Connection['kysely'];

  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async *list({ scope, search, sort, limit, offset }: ListQuery): AsyncIterable<GroupRecord> {
    const own = [sql`device_group.name`, sql`device_group.description`];
    const byDevice = (text: string) => sql<boolean>`exists (select 1 from device_group_member as m
      join device on device.id = m.device_id
      where m.group_id = device_group.id and ${inScope(scope, sql`device.site_id`)}
        and ${contains([sql`device.name`, sql`device.description`, sql`device.mac`], text)})`;
    const condition = search ? sql`(${contains(own, search)} or ${byDevice(search)})` : sql`true`;
    const order = sql`order by ${orderBy(sort, SORTABLE, sql`device_group.rank`, sql`device_group.id`)}`;
    const rows = await this.#rows(scope, sql`${condition} ${order} ${window(limit, offset)}`);
    for (const row of rows) yield recordOf(row);
  }

  async find(reference: string, scope: DataScope): Promise<GroupRecord | undefined> {
    const [named] = await this.#rows(scope, sql`device_group.name_key = ${nameKey(reference)}`);
    if (named !== undefined) return recordOf(named);
    if (!/^\d{1,15}$/.test(reference.trim())) return undefined;
    const [numbered] = await this.#rows(scope, sql`device_group.id = ${Number(reference)}`);
    return numbered && recordOf(numbered);
  }

  async get(id: number): Promise<GroupRecord> {
    const [row] = await this.#rows('all', sql`device_group.id = ${id}`);
    if (row === undefined) throw new PhonectlError('not_found', `There is no group with the id ${id}.`);
    return recordOf(row);
  }

  async names(): Promise<readonly string[]> {
    const rows = await this.#kysely
      .selectFrom('device_group')
      .select('name')
      .where('enterprise_id', '=', ENTERPRISE)
      .orderBy('rank')
      .execute();
    return rows.map(({ name }) => name);
  }

  async insert({ name, description }: { name: string; description: string }, now: number): Promise<number> {
    const row = await unique(`A group named "${name}"`, () =>
      this.#kysely
        .insertInto('device_group')
        .values({
          enterprise_id: ENTERPRISE,
          name,
          name_key: nameKey(name),
          description,
          rank: sql<number>`(select coalesce(max(rank), 0) + 1 from device_group where enterprise_id = ${ENTERPRISE})`,
          created_at: now,
          updated_at: now,
        })
        .returning('id')
        .executeTakeFirstOrThrow(),
    );
    return row.id;
  }

  async update(id: number, { name, description }: { name?: string; description?: string }, now: number): Promise<void> {
    await unique(`A group named "${name ?? ''}"`, () =>
      this.#kysely
        .updateTable('device_group')
        .set({
          ...(name !== undefined && { name, name_key: nameKey(name) }),
          ...(description !== undefined && { description }),
          version: sql`version + 1`,
          updated_at: now,
        })
        .where('id', '=', id)
        .execute(),
    );
  }

  async delete(ids: readonly number[], now: number): Promise<void> {
    for (const piece of inPieces(ids)) {
      await this.#bump(
        sql`id in (select device_id from device_group_member where group_id in (${sql.join(piece)}))`,
        now,
      );
      await forgetTargets(this.#kysely, 'group', piece);
      await this.#kysely.deleteFrom('device_group').where('id', 'in', piece).execute();
    }
  }

  async addMembers(id: number, deviceIds: readonly number[], now: number): Promise<number> {
    let added = 0n;
    for (const piece of inPieces(deviceIds)) {
      const missing = sql`id in (${sql.join(piece)})
        and not exists (select 1 from device_group_member as m where m.device_id = device.id and m.group_id = ${id})`;
      await this.#bump(missing, now);
      const result = await sql`insert into device_group_member (device_id, group_id, position)
        select id, ${id}, 1 + coalesce((select max(position) from device_group_member where device_id = device.id), 0)
        from device where ${missing}`.execute(this.#kysely);
      added += result.numAffectedRows ?? 0n;
    }
    return Number(added);
  }

  async removeMembers(id: number, deviceIds: readonly number[], now: number): Promise<number> {
    let removed = 0n;
    for (const piece of inPieces(deviceIds)) {
      const members = sql`select device_id from device_group_member
        where group_id = ${id} and device_id in (${sql.join(piece)})`;
      await this.#bump(sql`id in (${members})`, now);
      const result = await this.#kysely
        .deleteFrom('device_group_member')
        .where('group_id', '=', id)
        .where('device_id', 'in', piece)
        .executeTakeFirst();
      removed += result.numDeletedRows;
    }
    return Number(removed);
  }

  async moveToTop(id: number, now: number): Promise<void> {
    const { rank } = await this.get(id);
    await sql`update device_group set rank = case when id = ${id} then 1 else rank + 1 end,
      version = version + 1, updated_at = ${now}
      where enterprise_id = ${ENTERPRISE} and rank <= ${rank}`.execute(this.#kysely);
    const members = sql`select device_id from device_group_member where group_id = ${id}`;
    await this.#bump(sql`id in (${members})`, now);
    await sql`update device_group_member set position = case when group_id = ${id} then 1 else position + 1 end
      where device_id in (${members})`.execute(this.#kysely);
  }

  async setRanks(ids: readonly number[], now: number): Promise<void> {
    for (const [index, id] of ids.entries()) {
      await this.#kysely
        .updateTable('device_group')
        .set({ rank: index + 1, version: sql`version + 1`, updated_at: now })
        .where('id', '=', id)
        .where('rank', '<>', index + 1)
        .execute();
    }
  }

  async setDefaults(ids: readonly number[], now: number): Promise<void> {
    await this.#kysely
      .updateTable('device_group')
      .set({ default_rank: null, version: sql`version + 1`, updated_at: now })
      .where('enterprise_id', '=', ENTERPRISE)
      .where('default_rank', 'is not', null)
      .execute();
    for (const [index, id] of ids.entries()) {
      await this.#kysely
        .updateTable('device_group')
        .set({ default_rank: index + 1, version: sql`version + 1`, updated_at: now })
        .where('id', '=', id)
        .execute();
    }
  }

  /** The render cache is keyed by a device's version, and groups are layers of its configuration. */
  async #bump(condition: RawBuilder<unknown>, now: number): Promise<void> {
    await sql`update device set version = version + 1, updated_at = ${now} where ${condition}`.execute(this.#kysely);
  }

  async #rows(scope: DataScope, condition: RawBuilder<unknown>): Promise<readonly Row[]> {
    const counted =
      scope === 'all'
        ? sql`select count(*) from device_group_member as m where m.group_id = device_group.id`
        : sql`select count(*) from device_group_member as m join device on device.id = m.device_id
            where m.group_id = device_group.id and ${inScope(scope, sql`device.site_id`)}`;
    const query = sql<Row>`select device_group.*, (${counted}) as device_count from device_group
      where enterprise_id = ${ENTERPRISE} and ${condition}`;
    return (await query.execute(this.#kysely)).rows;
  }
}

function recordOf(row: Row): GroupRecord {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    rank: row.rank,
    defaultRank: row.default_rank,
    deviceCount: row.device_count,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
