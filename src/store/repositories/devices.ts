/** Devices on SQL. What a list asks for is in `device-query.ts`; bulk import writes past this in `../bulk.ts`. */
import { sql } from 'kysely';
import { nameKey } from '../../domain/text.ts';
import type { DataScope } from '../../sdk/context.ts';
import type {
  DeviceData,
  DeviceFilter,
  DeviceQuery,
  DeviceRecord,
  DeviceRepository,
  ExportRow,
  ExportShape,
  FoundAccount,
  ReferenceMatch,
} from '../../sdk/ports/devices.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import { inPieces, inScope, orderBy, unique, window } from '../listing.ts';
import { forgetTargets } from './assignment-targets.ts';
import { accountsBySql, matchesBySql, similarBySql } from './device-references.ts';
import {
  columnsOf,
  conditions,
  type DeviceRow,
  FROM,
  type GroupRow,
  grouped,
  type LineRow,
  recordOf,
  SELECT,
  sortable,
} from './device-rows.ts';

type Grouped<T> = ReadonlyMap<number, readonly T[]>;
type ExportedRow = { -readonly [K in keyof ExportRow]: ExportRow[K] } & { readonly id: number };
const NONE: readonly never[] = [];

/** Rows read before their lines and groups are fetched: one query each for all of them. */
const PAGE = 256;

export class SqlDeviceRepository implements DeviceRepository {
  readonly #kysely: Connection['kysely'];
  readonly #database: Connection['database'];

  constructor({ database, kysely }: Connection) {
    this.#kysely = kysely;
    this.#database = database;
  }

  async *list(query: DeviceQuery): AsyncIterable<DeviceRecord> {
    const order = orderBy(query.sort, sortable(query.onlineSince), sql`d.name_key`, sql`d.id`);
    const select = sql<DeviceRow>`${SELECT} where ${conditions(query)}
      order by ${order} ${window(query.limit, query.offset)}`.compile(this.#kysely);
    // Its own statement: an iterator must not share one with a query that runs meanwhile.
    const rows = this.#database.prepare(select.sql).iterate(...(select.parameters as (string | number | null)[]));
    let page: DeviceRow[] = [];
    for (const row of rows) {
      if (page.push(row as unknown as DeviceRow) < PAGE) continue;
      yield* await this.#complete(page, query.onlineSince);
      page = [];
    }
    yield* await this.#complete(page, query.onlineSince);
  }

  async count(filter: DeviceFilter): Promise<number> {
    const query = sql<{ count: number }>`select count(*) as count from device as d
      join site as s on s.id = d.site_id left join device_fact as f on f.device_id = d.id where ${conditions(filter)}`;
    return (await query.execute(this.#kysely)).rows[0]?.count ?? 0;
  }

  async *exportRows(
    filter: DeviceFilter,
    shape: ExportShape,
    order: 'id' | 'identity' = 'id',
  ): AsyncIterable<readonly ExportRow[]> {
    const by = order === 'id' ? sql`d.id` : sql`d.mac is null, d.mac, d.serial, d.id`;
    const select = sql`select d.id, d.mac, d.serial, d.machine_id as "machineId", d.kind, d.vendor, d.model, d.family,
        d.name, d.description, d.site_id as "siteId", d.site_mode as "siteMode", d.private_ip as "privateIp",
        d.control_url as "controlUrl", d.port, d.tags, d.document, s.name as site ${FROM}
      where ${conditions(filter)} order by ${by}`.compile(this.#kysely);
    const rows = this.#database.prepare(select.sql).iterate(...(select.parameters as (string | number | null)[]));
    let page: ExportedRow[] = [];
    for (const row of rows) {
      if (page.push(row as unknown as ExportedRow) < PAGE * 2) continue;
      yield await this.#withLinesAndGroups(page, shape);
      page = [];
    }
    if (page.length > 0) yield await this.#withLinesAndGroups(page, shape);
  }

  async #withLinesAndGroups(rows: readonly ExportedRow[], shape: ExportShape): Promise<readonly ExportRow[]> {
    const ids = rows.map(({ id }) => id);
    const lines = shape.lines > 0 ? await this.#lines(ids) : undefined;
    const groups = shape.groups ? await this.#groups(ids) : undefined;
    for (const row of rows) {
      // The rows are this method's own: adding to them is a third of the time that copying takes.
      row.lines = lines?.get(row.id) ?? NONE;
      row.groups = groups?.get(row.id)?.map(({ name }) => name) ?? NONE;
    }
    return rows;
  }

  async exportShape(filter: DeviceFilter): Promise<ExportShape> {
    const lines = sql<{ line: number | null }>`select max(l.line) as line ${FROM}
      join device_line as l on l.device_id = d.id where ${conditions(filter)}`;
    const names = sql<{ name: string }>`select distinct p.key as name ${FROM}
      join json_each(d.document) as p where d.document is not null and ${conditions(filter)}`;
    const [highest] = (await lines.execute(this.#kysely)).rows;
    const parameters = (await names.execute(this.#kysely)).rows.map(({ name }) => name);
    const members = sql<{ found: number }>`select 1 as found ${FROM}
      join device_group_member as m on m.device_id = d.id where ${conditions(filter)} limit 1`;
    const groups = (await members.execute(this.#kysely)).rows.length > 0;
    return { lines: highest?.line ?? 0, groups, parameters: parameters.sort() };
  }

  async sharedAccountNames(): Promise<ReadonlySet<string>> {
    const query = sql<{ name_key: string }>`select name_key from account where enterprise_id = ${ENTERPRISE}
      group by name_key having count(*) > 1`;
    return new Set((await query.execute(this.#kysely)).rows.map(({ name_key }) => name_key));
  }

  async byIds(ids: readonly number[], scope: DataScope): Promise<readonly DeviceRecord[]> {
    const found = new Map<number, DeviceRecord>();
    for (const piece of inPieces(ids, 500)) {
      const query = sql<DeviceRow>`${SELECT} where d.id in (${sql.join(piece)}) and ${inScope(scope, sql`d.site_id`)}`;
      for (const record of await this.#complete((await query.execute(this.#kysely)).rows, 0)) {
        found.set(record.id, record);
      }
    }
    return ids.map((id) => found.get(id)).filter((record) => record !== undefined);
  }

  async #complete(rows: readonly DeviceRow[], onlineSince: number): Promise<readonly DeviceRecord[]> {
    if (rows.length === 0) return [];
    const [lines, groups] = await this.#linesAndGroups(rows.map(({ id }) => id));
    return rows.map((row) => recordOf(row, lines.get(row.id) ?? [], groups.get(row.id) ?? [], onlineSince));
  }

  async #linesAndGroups(deviceIds: readonly number[]): Promise<readonly [Grouped<LineRow>, Grouped<GroupRow>]> {
    return await Promise.all([this.#lines(deviceIds), this.#groups(deviceIds)]);
  }

  async #lines(deviceIds: readonly number[]): Promise<Grouped<LineRow>> {
    const query = sql<LineRow>`select l.device_id, l.line, a.id as account_id, a.type, a.name, a.username,
        a.display_name, a.label, a.server from device_line as l join account as a on a.id = l.account_id
      where l.device_id in (${sql.join(deviceIds)}) order by l.device_id, l.line`;
    return grouped((await query.execute(this.#kysely)).rows);
  }

  async #groups(deviceIds: readonly number[]): Promise<Grouped<GroupRow>> {
    const query = sql<GroupRow>`select m.device_id, g.name from device_group_member as m
      join device_group as g on g.id = m.group_id
      where m.device_id in (${sql.join(deviceIds)}) order by m.device_id, m.position`;
    return grouped((await query.execute(this.#kysely)).rows);
  }

  async match(reference: string, scope: DataScope): Promise<readonly ReferenceMatch[]> {
    return await matchesBySql(this.#kysely, reference, scope);
  }

  async similar(reference: string, scope: DataScope): Promise<readonly string[]> {
    return await similarBySql(this.#kysely, reference, scope);
  }

  async firmwares(): Promise<readonly string[]> {
    const query = sql<{ firmware: string }>`select distinct firmware from device_fact where firmware is not null`;
    return (await query.execute(this.#kysely)).rows.map(({ firmware }) => firmware);
  }

  async insert(data: DeviceData, now: number): Promise<number> {
    const { id } = await unique(`A device with ${identity(data)}`, () =>
      this.#kysely
        .insertInto('device')
        .values({
          ...columnsOf(data),
          site_id: data.siteId,
          enterprise_id: ENTERPRISE,
          created_at: now,
          updated_at: now,
        })
        .returning('id')
        .executeTakeFirstOrThrow(),
    );
    return id;
  }

  async update(id: number, changes: Partial<DeviceData>, now: number): Promise<void> {
    await unique(`A device with ${identity(changes)}`, () =>
      this.#kysely
        .updateTable('device')
        .set({ ...columnsOf(changes), version: sql`version + 1`, updated_at: now })
        .where('id', '=', id)
        .where('enterprise_id', '=', ENTERPRISE)
        .execute(),
    );
  }

  async setLines(
    id: number,
    lines: readonly { readonly line: number; readonly accountId: number }[],
    now: number,
  ): Promise<void> {
    await this.#kysely.deleteFrom('device_line').where('device_id', '=', id).execute();
    if (lines.length > 0) {
      const moved = await this.#kysely
        .deleteFrom('device_line')
        .where('account_id', 'in', [...new Set(lines.map(({ accountId }) => accountId))])
        .returning('device_id')
        .execute();
      const former = [...new Set(moved.map(({ device_id }) => device_id))];
      if (former.length > 0) await this.#touch(former, now);
      await this.#kysely
        .insertInto('device_line')
        .values(lines.map(({ line, accountId }) => ({ device_id: id, line, account_id: accountId })))
        .execute();
    }
    await this.#touch([id], now);
  }

  async setGroups(id: number, groupIds: readonly number[], now: number): Promise<void> {
    await this.#kysely.deleteFrom('device_group_member').where('device_id', '=', id).execute();
    if (groupIds.length > 0) {
      await this.#kysely
        .insertInto('device_group_member')
        .values(groupIds.map((group_id, index) => ({ device_id: id, group_id, position: index + 1 })))
        .execute();
    }
    await this.#touch([id], now);
  }

  async delete(ids: readonly number[]): Promise<void> {
    for (const piece of inPieces(ids)) {
      await this.#kysely.updateTable('device').set({ replaced_by: null }).where('replaced_by', 'in', piece).execute();
      await forgetTargets(this.#kysely, 'device', piece);
      await this.#kysely
        .deleteFrom('device')
        .where('id', 'in', piece)
        .where('enterprise_id', '=', ENTERPRISE)
        .execute();
    }
  }

  async findAccounts(reference: string, scope: DataScope): Promise<readonly FoundAccount[]> {
    return await accountsBySql(this.#kysely, reference, scope);
  }

  async similarAccounts(reference: string, scope: DataScope): Promise<readonly string[]> {
    const start = `${nameKey(reference).slice(0, 1)}%`;
    const query = sql<{ name: string }>`select name from account where enterprise_id = ${ENTERPRISE}
      and name_key like ${start} and ${inScope(scope, sql`site_id`)} limit 5000`;
    return (await query.execute(this.#kysely)).rows.map(({ name }) => name);
  }

  async groupIds(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (names.length === 0) return new Map();
    const keys = [...new Set(names.map(nameKey))];
    const query = sql<{ id: number; name_key: string }>`select id, name_key from device_group
      where enterprise_id = ${ENTERPRISE} and name_key in (${sql.join(keys)})`;
    const byKey = new Map((await query.execute(this.#kysely)).rows.map((row) => [row.name_key, row.id]));
    const found = new Map<string, number>();
    for (const name of names) {
      const id = byKey.get(nameKey(name));
      if (id !== undefined) found.set(name, id);
    }
    return found;
  }

  async groupNames(): Promise<readonly string[]> {
    const query = sql<{
      name: string;
    }>`select name from device_group where enterprise_id = ${ENTERPRISE} order by rank`;
    return (await query.execute(this.#kysely)).rows.map(({ name }) => name);
  }

  async places(scope: DataScope): Promise<readonly { id: number; name: string }[]> {
    const query = sql<{ id: number; name: string }>`select id, name from site
      where enterprise_id = ${ENTERPRISE} and ${inScope(scope, sql`id`)}`;
    return (await query.execute(this.#kysely)).rows;
  }

  async groups(): Promise<readonly { id: number; name: string }[]> {
    const query = sql<{
      id: number;
      name: string;
    }>`select id, name from device_group where enterprise_id = ${ENTERPRISE}`;
    return (await query.execute(this.#kysely)).rows;
  }

  async defaultGroupIds(): Promise<readonly number[]> {
    const query = sql<{ id: number }>`select id from device_group
      where enterprise_id = ${ENTERPRISE} and default_rank is not null order by default_rank`;
    return (await query.execute(this.#kysely)).rows.map(({ id }) => id);
  }

  async approvedModels(): Promise<readonly { vendor: string; model: string; siteId: number | null }[]> {
    const query = sql<{ vendor: string; model: string; siteId: number | null }>`
      select vendor, model, site_id as "siteId" from approved_model where enterprise_id = ${ENTERPRISE}`;
    return (await query.execute(this.#kysely)).rows;
  }

  async #touch(ids: readonly number[], now: number): Promise<void> {
    await this.#kysely
      .updateTable('device')
      .set({ version: sql`version + 1`, updated_at: now })
      .where('id', 'in', ids as number[])
      .execute();
  }
}

function identity({ mac, serial }: Partial<DeviceData>): string {
  return [mac && `the MAC ${mac}`, serial && `the serial number ${serial}`].filter(Boolean).join(' or ');
}
