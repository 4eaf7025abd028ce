import { type RawBuilder, sql, type Updateable } from 'kysely';
import { groupSubnets, rulesOf, type SiteSubnet, type SubnetRule } from '../../domain/site.ts';
import { nameKey } from '../../domain/text.ts';
import type { DataScope } from '../../sdk/context.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import type { AutoDevice, ListQuery, SiteData, SiteKind, SiteRecord, SiteRepository } from '../../sdk/ports/sites.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import { contains, inPieces, inScope, orderBy, unique, window } from '../listing.ts';
import type { SiteTable } from '../schema/fleet.ts';
import { forgetTargets } from './assignment-targets.ts';

interface Row extends Omit<SiteTable, 'id' | 'description' | 'location' | 'provisioning' | 'auto_add' | 'version'> {
  id: number;
  description: string;
  location: string;
  provisioning: SiteRecord['provisioning'];
  auto_add: number;
  version: number;
  parent: string | null;
  device_count: number;
  account_count: number;
}

const SELECT = sql`select site.*, parent.name as parent,
  (select count(*) from device where device.site_id = site.id and device.state <> 'replaced') as device_count,
  (select count(*) from account where account.site_id = site.id) as account_count
  from site left join site as parent on parent.id = site.parent_id
  where site.enterprise_id = ${ENTERPRISE}`;

const SORTABLE = {
  name: sql`site.name_key`,
  parent: sql`parent.name_key`,
  kind: sql`site.kind`,
  description: sql`lower(site.description)`,
  location: sql`lower(site.location)`,
  deviceCount: sql`device_count`,
  accountCount: sql`account_count`,
  provisioning: sql`site.provisioning`,
  createdAt: sql`site.created_at`,
  updatedAt: sql`site.updated_at`,
};

export class SqlSiteRepository implements SiteRepository {
  readonly #database: Connection['database'];
  readonly #kysely: Connection['kysely'];

  constructor({ database, kysely }: Connection) {
    this.#database = database;
    this.#kysely = kysely;
  }

  async *list({ scope, search, sort, limit, offset }: ListQuery): AsyncIterable<SiteRecord> {
    const texts = [
      sql`site.name`,
      sql`site.description`,
      sql`site.location`,
      sql`parent.name`,
      sql`parent.description`,
    ];
    // A subnet is searched as text, so that `10.33` finds the sites that have it.
    const bySubnet = (text: string) => sql<boolean>`exists (select 1 from site_subnet
      where site_subnet.site_id = site.id and ${contains([sql`public_cidr`, sql`private_cidr`], text)})`;
    const query = sql<Row>`${SELECT} and ${inScope(scope, sql`site.id`)}
      ${search ? sql`and (${contains(texts, search)} or ${bySubnet(search)})` : sql``}
      order by ${orderBy(sort, SORTABLE, sql`site.name_key`, sql`site.id`)} ${window(limit, offset)}`;
    const subnets = await this.#subnets();
    for (const row of (await query.execute(this.#kysely)).rows) yield recordOf(row, subnets.get(row.id) ?? []);
  }

  async find(reference: string, scope: DataScope): Promise<SiteRecord | undefined> {
    const named = await this.#one(scope, sql`site.name_key = ${nameKey(reference)}`);
    if (named !== undefined || !/^\d{1,15}$/.test(reference.trim())) return named;
    return await this.#one(scope, sql`site.id = ${Number(reference)}`);
  }

  async get(id: number): Promise<SiteRecord> {
    const record = await this.#one('all', sql`site.id = ${id}`);
    if (record === undefined) throw new PhonectlError('not_found', `There is no site with the id ${id}.`);
    return record;
  }

  async #one(scope: DataScope, condition: RawBuilder<unknown>): Promise<SiteRecord | undefined> {
    const query = sql<Row>`${SELECT} and ${inScope(scope, sql`site.id`)} and ${condition}`;
    const [row] = (await query.execute(this.#kysely)).rows;
    return row && recordOf(row, (await this.#subnets(row.id)).get(row.id) ?? []);
  }

  async names(scope: DataScope): Promise<readonly string[]> {
    const query = sql<{ name: string }>`select name from site
      where enterprise_id = ${ENTERPRISE} and ${inScope(scope, sql`id`)} order by name_key`;
    return (await query.execute(this.#kysely)).rows.map(({ name }) => name);
  }

  async idOf(kind: 'company' | 'internet'): Promise<number> {
    const row = await this.#kysely
      .selectFrom('site')
      .select('id')
      .where('enterprise_id', '=', ENTERPRISE)
      .where('kind', '=', kind)
      .executeTakeFirst();
    if (row === undefined) throw new PhonectlError('damaged', `The store has no ${kind} site.`);
    return row.id;
  }

  async descendants(id: number): Promise<readonly number[]> {
    const query = sql<{ id: number }>`with recursive below(id) as (
      select id from site where parent_id = ${id}
      union select site.id from site join below on site.parent_id = below.id) select id from below`;
    return (await query.execute(this.#kysely)).rows.map((row) => row.id);
  }

  async insert(kind: SiteKind, data: SiteData, now: number): Promise<number> {
    const { id } = await unique(`A site named "${data.name}"`, () =>
      this.#kysely
        .insertInto('site')
        .values({
          ...columnsOf(data),
          name: data.name,
          name_key: nameKey(data.name),
          parent_id: data.parentId,
          download_path: data.downloadPath,
          time_zone: data.timeZone,
          office_hours: data.officeHours,
          kind,
          enterprise_id: ENTERPRISE,
          created_at: now,
          updated_at: now,
        })
        .returning('id')
        .executeTakeFirstOrThrow(),
    );
    return id;
  }

  async update(id: number, changes: Partial<SiteData>, now: number): Promise<void> {
    await unique(`A site named "${changes.name ?? ''}"`, () =>
      this.#kysely
        .updateTable('site')
        .set({ ...columnsOf(changes), version: sql`version + 1`, updated_at: now })
        .where('id', '=', id)
        .where('enterprise_id', '=', ENTERPRISE)
        .execute(),
    );
  }

  async setSubnets(id: number, subnets: readonly SiteSubnet[], now: number): Promise<void> {
    await this.#kysely.deleteFrom('site_subnet').where('site_id', '=', id).execute();
    const rows = rulesOf(subnets).map((rule) => ({
      site_id: id,
      public_cidr: rule.publicCidr,
      private_cidr: rule.privateCidr,
    }));
    for (const piece of inPieces(rows)) await this.#kysely.insertInto('site_subnet').values(piece).execute();
    await this.update(id, {}, now);
  }

  async delete(ids: readonly number[]): Promise<void> {
    // Parents inside the set are let go first, so that the order of the rows does not matter.
    for (const piece of inPieces(ids)) {
      await this.#kysely.updateTable('site').set({ parent_id: null }).where('id', 'in', piece).execute();
    }
    for (const piece of inPieces(ids)) {
      await forgetTargets(this.#kysely, 'site', piece);
      await this.#kysely.deleteFrom('site').where('id', 'in', piece).execute();
    }
  }

  async rules(): Promise<readonly SubnetRule[]> {
    const rows = await this.#kysely
      .selectFrom('site_subnet')
      .innerJoin('site', 'site.id', 'site_subnet.site_id')
      .select(['site_subnet.site_id', 'public_cidr', 'private_cidr'])
      .where('site.enterprise_id', '=', ENTERPRISE)
      .orderBy('site_subnet.id')
      .execute();
    return rows.map((row) => ({ siteId: row.site_id, publicCidr: row.public_cidr, privateCidr: row.private_cidr }));
  }

  async countPinned(ids: readonly number[]): Promise<number> {
    let count = 0;
    for (const piece of inPieces(ids)) {
      const row = await this.#kysely
        .selectFrom('device')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('site_id', 'in', piece)
        .where('site_mode', '=', 'pinned')
        .where('state', '<>', 'replaced')
        .executeTakeFirstOrThrow();
      count += row.count;
    }
    return count;
  }

  async unpin(ids: readonly number[], now: number): Promise<number> {
    let count = 0n;
    for (const piece of inPieces(ids)) {
      const result = await this.#kysely
        .updateTable('device')
        .set({ site_mode: 'auto', version: sql`version + 1`, updated_at: now })
        .where('site_id', 'in', piece)
        .where('site_mode', '=', 'pinned')
        .executeTakeFirst();
      count += result.numUpdatedRows;
    }
    return Number(count);
  }

  *autoDevices(): Iterable<AutoDevice> {
    const rows = this.#database
      .prepare(
        `select device.id, device.site_id, device_fact.public_ip,
           coalesce(device_fact.reported_ip, device.private_ip) as private_ip
         from device left join device_fact on device_fact.device_id = device.id
         where device.enterprise_id = ? and device.site_mode = 'auto'`,
      )
      .iterate(ENTERPRISE) as Iterable<{
      id: number;
      site_id: number;
      public_ip: string | null;
      private_ip: string | null;
    }>;
    for (const row of rows) {
      yield { id: row.id, siteId: row.site_id, publicIp: row.public_ip, privateIp: row.private_ip };
    }
  }

  moveDevices(moves: Iterable<{ deviceId: number; siteId: number }>, now: number): void {
    const move = this.#database.prepare(
      'update device set site_id = ?, version = version + 1, updated_at = ? where id = ?',
    );
    for (const { deviceId, siteId } of moves) move.run(siteId, now, deviceId);
  }

  async moveAccounts(from: readonly number[], to: number, now: number): Promise<number> {
    let count = 0n;
    for (const piece of inPieces(from)) {
      const result = await this.#kysely
        .updateTable('account')
        .set({ site_id: to, version: sql`version + 1`, updated_at: now })
        .where('site_id', 'in', piece)
        .executeTakeFirst();
      count += result.numUpdatedRows;
    }
    return Number(count);
  }

  async #subnets(id?: number): Promise<ReadonlyMap<number, SiteSubnet[]>> {
    let query = this.#kysely.selectFrom('site_subnet').select(['site_id', 'public_cidr', 'private_cidr']);
    if (id !== undefined) query = query.where('site_id', '=', id);
    const rules = new Map<number, { publicCidr: string; privateCidr: string | null }[]>();
    for (const row of await query.orderBy('id').execute()) {
      const rule = { publicCidr: row.public_cidr, privateCidr: row.private_cidr };
      const list = rules.get(row.site_id);
      if (list === undefined) rules.set(row.site_id, [rule]);
      else list.push(rule);
    }
    return new Map([...rules].map(([site, list]) => [site, groupSubnets(list)]));
  }
}

function columnsOf(data: Partial<SiteData>): Updateable<SiteTable> {
  return {
    ...(data.name !== undefined && { name: data.name, name_key: nameKey(data.name) }),
    ...(data.parentId !== undefined && { parent_id: data.parentId }),
    ...(data.description !== undefined && { description: data.description }),
    ...(data.location !== undefined && { location: data.location }),
    ...(data.provisioning !== undefined && { provisioning: data.provisioning }),
    ...(data.autoAdd !== undefined && { auto_add: Number(data.autoAdd) }),
    ...(data.downloadPath !== undefined && { download_path: data.downloadPath }),
    ...(data.timeZone !== undefined && { time_zone: data.timeZone }),
    ...(data.officeHours !== undefined && { office_hours: data.officeHours }),
  };
}

function recordOf(row: Row, subnets: readonly SiteSubnet[]): SiteRecord {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    parentId: row.parent_id,
    parent: row.parent,
    description: row.description,
    location: row.location,
    provisioning: row.provisioning,
    autoAdd: row.auto_add === 1,
    downloadPath: row.download_path,
    timeZone: row.time_zone,
    officeHours: row.office_hours,
    subnets,
    deviceCount: row.device_count,
    accountCount: row.account_count,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
