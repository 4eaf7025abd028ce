import { type RawBuilder, sql } from 'kysely';
import type { AccountType, Transport } from '../../domain/account.ts';
import { nameKey } from '../../domain/text.ts';
import type { DataScope } from '../../sdk/context.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import type {
  AccountData,
  AccountImage,
  AccountQuery,
  AccountRecord,
  AccountRepository,
} from '../../sdk/ports/accounts.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import { contains, inPieces, inScope, isUniqueViolation, orderBy, streamRows, window } from '../listing.ts';

interface ImageRow {
  id: number;
  type: AccountType;
  name: string;
  name_key: string;
  username: string;
  auth_name: string;
  password: Uint8Array | null;
  display_name: string;
  label: string;
  server: string;
  port: number | null;
  transport: Transport | null;
  server2: string;
  port2: number | null;
  site_id: number | null;
  description: string;
  version: number;
  created_at: number;
  updated_at: number;
}

interface Row extends ImageRow {
  site: string | null;
  device: string | null;
  device_id: number | null;
  line: number | null;
}

const SELECT = sql`select account.*, site.name as site, device_line.device_id, device_line.line,
    coalesce(nullif(device.name, ''), device.mac, device.serial) as device
  from account
    left join site on site.id = account.site_id
    left join device_line on device_line.account_id = account.id
    left join device on device.id = device_line.device_id
  where account.enterprise_id = ${ENTERPRISE}`;

const SEARCHED = [
  'account.name',
  'account.username',
  'account.auth_name',
  'account.display_name',
  'account.label',
  'account.server',
  'account.server2',
  'account.description',
  'site.name',
  'site.description',
  'device.name',
  'device.mac',
  'device.description',
].map((column) => sql.ref(column));

const SORTABLE = {
  name: sql`account.name_key`,
  type: sql`account.type`,
  username: sql`account.username`,
  authName: sql`account.auth_name`,
  displayName: sql`lower(account.display_name)`,
  label: sql`lower(account.label)`,
  server: sql`lower(account.server)`,
  port: sql`account.port`,
  transport: sql`account.transport`,
  site: sql`site.name_key`,
  device: sql`lower(device)`,
  line: sql`device_line.line`,
  description: sql`lower(account.description)`,
  createdAt: sql`account.created_at`,
  updatedAt: sql`account.updated_at`,
};

const INSERT = `insert into account (enterprise_id, type, name, name_key, username, auth_name, password, display_name,
    label, server, port, transport, server2, port2, site_id, description, created_at, updated_at)
  values (${ENTERPRISE}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const UPDATE = `update account set type = ?, name = ?, name_key = ?, username = ?, auth_name = ?, password = ?,
    display_name = ?, label = ?, server = ?, port = ?, transport = ?, server2 = ?, port2 = ?, site_id = ?,
    description = ?, version = version + 1, updated_at = ? where id = ?`;
const BUMP_HOLDER = `update device set version = version + 1, updated_at = ?
  where id in (select device_id from device_line where account_id = ?)`;

export class SqlAccountRepository implements AccountRepository {
  readonly #connection: Connection;
  readonly #database: Connection['database'];
  readonly #kysely: Connection['kysely'];
  readonly #prepared = new Map<string, ReturnType<Connection['database']['prepare']>>();

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#database = connection.database;
    this.#kysely = connection.kysely;
  }

  async *list({ scope, search, sort, limit, offset, type, siteId }: AccountQuery): AsyncIterable<AccountRecord> {
    const query = sql<Row>`${SELECT} and ${inScope(scope, sql`account.site_id`)}
      ${type === undefined ? sql`` : sql`and account.type = ${type}`}
      ${siteId === undefined ? sql`` : sql`and account.site_id = ${siteId}`}
      ${search ? sql`and ${contains(SEARCHED, search)}` : sql``}
      order by ${orderBy(sort, SORTABLE, sql`account.type, account.name_key`, sql`account.id`)} ${window(limit, offset)}`;
    for await (const row of streamRows(this.#connection, query)) yield recordOf(row);
  }

  async find(reference: string, scope: DataScope, type?: AccountType): Promise<readonly AccountRecord[]> {
    const ofType = type === undefined ? sql`` : sql`and account.type = ${type}`;
    const select = async (condition: RawBuilder<unknown>): Promise<readonly AccountRecord[]> => {
      const query = sql<Row>`${SELECT} and ${inScope(scope, sql`account.site_id`)} ${ofType} and ${condition}`;
      return (await query.execute(this.#kysely)).rows.map(recordOf);
    };
    const key = nameKey(reference);
    // The types are listed so that the index on (enterprise, type, name) serves.
    const named = await select(
      sql`account.type in ('sip', 'sfb', 'yms', 'cloud', 'h323') and account.name_key = ${key}`,
    );
    if (named.length > 0 || !/^\d{1,15}$/.test(key)) return named;
    return await select(sql`account.id = ${Number(key)}`);
  }

  async get(id: number): Promise<AccountRecord> {
    const [row] = (await sql<Row>`${SELECT} and account.id = ${id}`.execute(this.#kysely)).rows;
    if (row === undefined) throw new PhonectlError('not_found', `There is no account with the id ${id}.`);
    return recordOf(row);
  }

  async namesLike(reference: string, scope: DataScope): Promise<readonly string[]> {
    const start = nameKey(reference).slice(0, 2);
    const query = sql<{ name: string }>`select name from account
      where enterprise_id = ${ENTERPRISE} and type in ('sip', 'sfb', 'yms', 'cloud', 'h323')
        and name_key >= ${start} and name_key < ${`${start}\u{10ffff}`} and ${inScope(scope, sql`site_id`)} limit 2000`;
    return (await query.execute(this.#kysely)).rows.map(({ name }) => name);
  }

  image(type: AccountType, key: string): AccountImage | undefined {
    const row = this.#prepare('select * from account where enterprise_id = ? and type = ? and name_key = ?').get(
      ENTERPRISE,
      type,
      key,
    ) as ImageRow | undefined;
    return row && { ...dataOf(row), id: row.id, version: row.version };
  }

  insert(data: AccountData, now: number): number {
    try {
      return Number(this.#prepare(INSERT).run(...valuesOf(data), now, now).lastInsertRowid);
    } catch (error) {
      throw isUniqueViolation(error) ? alreadyThere(data, error) : error;
    }
  }

  replace(id: number, data: AccountData, now: number): void {
    try {
      this.#prepare(UPDATE).run(...valuesOf(data), now, id);
    } catch (error) {
      throw isUniqueViolation(error) ? alreadyThere(data, error) : error;
    }
    this.#prepare(BUMP_HOLDER).run(now, id);
  }

  async delete(ids: readonly number[]): Promise<void> {
    for (const piece of inPieces(ids)) await this.#kysely.deleteFrom('account').where('id', 'in', piece).execute();
  }

  async unlink(ids: readonly number[], now: number): Promise<number> {
    let count = 0n;
    for (const piece of inPieces(ids)) {
      await this.#kysely
        .updateTable('device')
        .set({ version: sql`version + 1`, updated_at: now })
        .where('id', 'in', (nested) =>
          nested.selectFrom('device_line').select('device_id').where('account_id', 'in', piece),
        )
        .execute();
      const result = await this.#kysely.deleteFrom('device_line').where('account_id', 'in', piece).executeTakeFirst();
      count += result.numDeletedRows;
    }
    return Number(count);
  }

  #prepare(text: string): ReturnType<Connection['database']['prepare']> {
    let statement = this.#prepared.get(text);
    if (statement === undefined) {
      statement = this.#database.prepare(text);
      this.#prepared.set(text, statement);
    }
    return statement;
  }
}

function alreadyThere({ type, name }: AccountData, cause: unknown): PhonectlError {
  return new PhonectlError('exists', `An account ${type}/${name} exists already.`, { cause });
}

function valuesOf(data: AccountData): (string | number | null | Uint8Array)[] {
  return [
    data.type,
    data.name,
    nameKey(data.name),
    data.username,
    data.authName,
    data.password,
    data.displayName,
    data.label,
    data.server,
    data.port,
    data.transport,
    data.server2,
    data.port2,
    data.siteId,
    data.description,
  ];
}

function dataOf(row: ImageRow): AccountData {
  return {
    type: row.type,
    name: row.name,
    username: row.username,
    authName: row.auth_name,
    password: row.password,
    displayName: row.display_name,
    label: row.label,
    server: row.server,
    port: row.port,
    transport: row.transport,
    server2: row.server2,
    port2: row.port2,
    siteId: row.site_id,
    description: row.description,
  };
}

function recordOf(row: Row): AccountRecord {
  return {
    id: row.id,
    ...dataOf(row),
    nameKey: row.name_key,
    site: row.site,
    device: row.device,
    deviceId: row.device_id,
    line: row.line,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
