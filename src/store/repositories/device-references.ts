/** Finding devices and accounts by whatever people call them. */
import { type Kysely, sql } from 'kysely';
import { parseSerial } from '../../domain/device.ts';
import { parseMac } from '../../domain/mac.ts';
import { nameKey } from '../../domain/text.ts';
import type { DataScope } from '../../sdk/context.ts';
import type { FoundAccount, ReferenceMatch } from '../../sdk/ports/devices.ts';
import { ENTERPRISE } from '../connection.ts';
import { inScope } from '../listing.ts';
import type { Schema } from '../schema.ts';

type Database = Kysely<Schema>;

/** More candidates than anybody reads. */
const CANDIDATES = 20;

interface MatchRow {
  id: number;
  mac: string | null;
  serial: string | null;
  name: string;
  site: string;
  state: ReferenceMatch['state'];
  replaced_by: number | null;
  by: string;
}

/**
 * A MAC is a MAC and nothing else. Otherwise everything that fits counts: serial number, name, extension (a line's
 * account by user name or name), address; an id only when nothing of these fits.
 */
export async function matchesBySql(
  db: Database,
  reference: string,
  scope: DataScope,
): Promise<readonly ReferenceMatch[]> {
  const text = reference.trim();
  const mac = parseMac(text);
  if (mac !== undefined) return await one(db, 'mac', sql`d.mac = ${mac}`, scope);
  const key = nameKey(text);
  const matches = [
    ...(await one(db, 'serial', sql`d.serial = ${parseSerial(text) ?? ''} and d.serial is not null`, scope)),
    ...(await one(db, 'name', sql`d.name_key = ${key} and d.name_key <> ''`, scope)),
    ...(await one(
      db,
      'extension',
      sql`d.id in (select l.device_id from device_line as l join account as a on a.id = l.account_id
        where a.enterprise_id = ${ENTERPRISE} and a.username = ${text}
        union select l.device_id from device_line as l join account as a on a.id = l.account_id
        where a.enterprise_id = ${ENTERPRISE} and a.name_key = ${key})`,
      scope,
    )),
  ];
  if (/^[0-9a-f.:]{3,45}$/i.test(text)) {
    const facts = sql`select device_id from device_fact where reported_ip = ${text} or public_ip = ${text}`;
    matches.push(...(await one(db, 'address', sql`(d.private_ip = ${text} or d.id in (${facts}))`, scope)));
  }
  if (matches.length === 0 && /^\d{1,15}$/.test(text)) return await one(db, 'id', sql`d.id = ${Number(text)}`, scope);
  return [...new Map(matches.map((match) => [match.id, match])).values()];
}

async function one(
  db: Database,
  by: string,
  condition: ReturnType<typeof sql>,
  scope: DataScope,
): Promise<readonly ReferenceMatch[]> {
  const query = sql<MatchRow>`select d.id, d.mac, d.serial, d.name, s.name as site, d.state, d.replaced_by, ${by} as "by"
    from device as d join site as s on s.id = d.site_id
    where d.enterprise_id = ${ENTERPRISE} and ${inScope(scope, sql`d.site_id`)} and ${condition}
      and (d.state <> 'replaced' or ${by} = 'mac') limit ${CANDIDATES}`;
  return (await query.execute(db)).rows.map(({ replaced_by, ...match }) => ({ ...match, replacedBy: replaced_by }));
}

export async function similarBySql(db: Database, reference: string, scope: DataScope): Promise<readonly string[]> {
  const mac = parseMac(reference);
  const where =
    mac === undefined
      ? sql`d.name_key like ${`${nameKey(reference).slice(0, 1).replace(/[%_]/g, '')}%`} and d.name <> ''`
      : sql`d.mac >= ${mac.slice(0, 6)} and d.mac < ${`${mac.slice(0, 6)}g`}`;
  const query = sql<{ text: string }>`select ${mac === undefined ? sql`d.name` : sql`d.mac`} as text from device as d
    where d.enterprise_id = ${ENTERPRISE} and ${inScope(scope, sql`d.site_id`)} and ${where} limit 5000`;
  return (await query.execute(db)).rows.map(({ text }) => text);
}

interface AccountRow {
  id: number;
  type: string;
  name: string;
  device_id: number | null;
  line: number | null;
  device: string | null;
}

/** By `type:name`, else by name in all types, else by user name. */
export async function accountsBySql(
  db: Database,
  reference: string,
  scope: DataScope,
): Promise<readonly FoundAccount[]> {
  const typed = /^(sip|sfb|yms|cloud|h323):(.+)$/is.exec(reference.trim());
  if (typed !== null) {
    const found = await accounts(
      db,
      sql`a.type = ${typed[1]!.toLowerCase()} and a.name_key = ${nameKey(typed[2]!)}`,
      scope,
    );
    if (found.length > 0) return found;
  }
  const byName = await accounts(db, sql`a.name_key = ${nameKey(reference)}`, scope);
  return byName.length > 0 ? byName : await accounts(db, sql`a.username = ${reference.trim()}`, scope);
}

async function accounts(
  db: Database,
  condition: ReturnType<typeof sql>,
  scope: DataScope,
): Promise<readonly FoundAccount[]> {
  const query = sql<AccountRow>`select a.id, a.type, a.name, l.device_id, l.line,
      coalesce(nullif(d.name, ''), d.mac, d.serial) as device
    from account as a left join device_line as l on l.account_id = a.id left join device as d on d.id = l.device_id
    where a.enterprise_id = ${ENTERPRISE} and ${condition} and ${inScope(scope, sql`a.site_id`)} limit ${CANDIDATES}`;
  return (await query.execute(db)).rows.map(({ device_id, line, device, ...account }) => ({
    ...account,
    heldBy: device_id === null ? null : { deviceId: device_id, line: line ?? 1, device: device ?? '' },
  }));
}
