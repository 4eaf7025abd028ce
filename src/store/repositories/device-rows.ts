/** Device rows: the SELECT, its conditions and sort fields, and the way from rows to records and back. */
import { type RawBuilder, sql } from 'kysely';
import { nameKey } from '../../domain/text.ts';
import type { DeviceData, DeviceFacts, DeviceFilter, DeviceLine, DeviceRecord } from '../../sdk/ports/devices.ts';
import { ENTERPRISE } from '../connection.ts';
import { contains, inScope } from '../listing.ts';
import type { DeviceFactTable, DeviceTable } from '../schema/fleet.ts';

type Plain<T> = { [K in keyof T]: T[K] extends import('kysely').Generated<infer V> ? V : T[K] };

/** Columns of the fact table carry a prefix, because both tables say vendor and model. */
type FactColumns = { [K in keyof Omit<DeviceFactTable, 'device_id'> as `f_${K}`]: Plain<DeviceFactTable>[K] | null };

export interface DeviceRow extends Plain<DeviceTable>, FactColumns {
  site: string;
}

export interface LineRow {
  device_id: number;
  line: number;
  account_id: number;
  type: string;
  name: string;
  username: string;
  display_name: string;
  label: string;
  server: string;
}

export interface GroupRow {
  device_id: number;
  name: string;
}

const FACTS = [
  'seen_at',
  'first_seen_at',
  'online',
  'public_ip',
  'reported_ip',
  'address_at',
  'vendor',
  'model',
  'firmware',
  'identity_at',
  'sip',
  'sip_at',
  'lines',
  'call',
  'call_at',
  'booted_at',
  'provisioned_at',
  'provision_result',
  'served_digest',
  'served_at',
  'served_to',
  'running_digest',
  'running_at',
  'attention',
] as const;

export const FROM = sql`from device as d join site as s on s.id = d.site_id left join device_fact as f on f.device_id = d.id`;

export const SELECT = sql`select d.*, s.name as site, ${sql.raw(FACTS.map((name) => `f.${name} as f_${name}`).join(', '))} ${FROM}`;

/** What a filter says, as one condition over `d`, `s` and `f`. */
export function conditions(filter: DeviceFilter): RawBuilder<boolean> {
  const all: RawBuilder<unknown>[] = [sql`d.enterprise_id = ${ENTERPRISE}`, inScope(filter.scope, sql`d.site_id`)];
  const among = (column: RawBuilder<unknown>, values: readonly (string | number)[] | undefined): void => {
    if (values === undefined) return;
    all.push(values.length === 0 ? sql`false` : sql`${column} in (${sql.join(values)})`);
  };
  // As one value: a fleet has more devices than a statement may have variables.
  if (filter.ids !== undefined) all.push(sql`d.id in (select value from json_each(${JSON.stringify(filter.ids)}))`);
  among(sql`d.site_id`, filter.siteIds);
  among(sql`coalesce(d.vendor, f.vendor)`, filter.vendors);
  among(sql`coalesce(d.model, f.model)`, filter.models);
  among(sql`f.firmware`, filter.firmwares);
  among(sql`d.origin`, filter.origins);
  among(sql`d.kind`, filter.kinds);
  if (filter.groupIds !== undefined) {
    all.push(
      filter.groupIds.length === 0
        ? sql`false`
        : sql`exists (select 1 from device_group_member as m
            where m.device_id = d.id and m.group_id in (${sql.join(filter.groupIds)}))`,
    );
  }
  const statuses = filter.statuses ?? [];
  if (statuses.length > 0) {
    const online = onlineSql(filter.onlineSince);
    all.push(
      sql`(${sql.join(
        statuses.map((status) => statusCondition(status, online)),
        sql` or `,
      )})`,
    );
  }
  // A replaced device is history: it shows only when it is asked for by name or status.
  if (!filter.replaced && !statuses.includes('replaced')) all.push(sql`d.state <> 'replaced'`);
  for (const [key, value] of Object.entries(filter.tags ?? {})) {
    all.push(sql`json_extract(d.tags, ${`$."${key}"`}) = ${value}`);
  }
  if (filter.attention) all.push(sql`(d.state = 'quarantined' or f.attention is not null)`);
  if (filter.search !== undefined && filter.search.trim() !== '') all.push(searchCondition(filter.search.trim()));
  return sql<boolean>`${sql.join(all, sql` and `)}`;
}

function onlineSql(since: number): RawBuilder<boolean> {
  return sql<boolean>`(coalesce(f.online, 0) = 1 and coalesce(f.seen_at, 0) >= ${since})`;
}

function statusCondition(status: string, online: RawBuilder<boolean>): RawBuilder<unknown> {
  switch (status) {
    case 'registered':
      return sql`(d.state = 'active' and ${online} and f.sip in ('registered', 'partial'))`;
    case 'unregistered':
      return sql`(d.state = 'active' and ${online} and f.sip not in ('registered', 'partial'))`;
    case 'offline':
      return sql`(d.state = 'active' and not ${online})`;
    case 'online':
      return sql`(d.state = 'active' and ${online})`;
    case 'in-call':
      return sql`(${online} and f.call = 'in-call')`;
    case 'quarantined':
    case 'replaced':
      return sql`d.state = ${status}`;
    default:
      return sql`(d.state = 'active' and coalesce(f.sip, 'unknown') = ${status})`;
  }
}

/** DEV-19, PLAT-05, PLAT-06: the device's own texts and those of its site, groups and accounts. */
function searchCondition(text: string): RawBuilder<boolean> {
  const own = [
    'd.mac',
    'd.serial',
    'd.name',
    'd.description',
    'd.model',
    'd.private_ip',
    'd.port',
    'd.tags',
    'd.machine_id',
  ];
  const facts = ['f.public_ip', 'f.reported_ip', 'f.model', 'f.firmware'];
  const site = ['s.name', 's.description', 's.location'];
  const texts = [...own, ...facts, ...site].map((name) => sql.raw(name));
  // `00:04:f2` is looked for as the stored spelling too.
  const hex = text.replace(/[:.-]/g, '');
  const mac = /^[0-9a-f]{4,12}$/i.test(hex) && hex !== text ? sql`or d.mac like ${`%${hex.toLowerCase()}%`}` : sql``;
  const account = ['a.name', 'a.username', 'a.display_name', 'a.label', 'a.server', 'a.description'].map((name) =>
    sql.raw(name),
  );
  const group = ['g.name', 'g.description'].map((name) => sql.raw(name));
  return sql<boolean>`(${contains(texts, text)} ${mac}
    or exists (select 1 from device_line as l join account as a on a.id = l.account_id
      where l.device_id = d.id and ${contains(account, text)})
    or exists (select 1 from device_group_member as m join device_group as g on g.id = m.group_id
      where m.device_id = d.id and ${contains(group, text)}))`;
}

/** Fields that a list can be sorted by, by the names of its columns. */
export function sortable(onlineSince: number): Readonly<Record<string, RawBuilder<unknown>>> {
  const online = onlineSql(onlineSince);
  return {
    id: sql`d.id`,
    name: sql`d.name_key`,
    mac: sql`d.mac`,
    serial: sql`d.serial`,
    vendor: sql`coalesce(d.vendor, f.vendor)`,
    model: sql`coalesce(d.model, f.model)`,
    firmware: sql`f.firmware`,
    site: sql`s.name_key`,
    kind: sql`d.kind`,
    description: sql`lower(d.description)`,
    origin: sql`d.origin`,
    status: sql`case when d.state <> 'active' then d.state when not ${online} then 'offline'
      when f.sip in ('registered', 'partial') then 'registered' else 'unregistered' end`,
    online: sql`${online}`,
    sip: sql`coalesce(f.sip, 'unknown')`,
    call: sql`f.call`,
    privateIp: sql`coalesce(f.reported_ip, d.private_ip)`,
    publicIp: sql`f.public_ip`,
    lastSeen: sql`f.seen_at`,
    attention: sql`f.attention`,
    createdAt: sql`d.created_at`,
    updatedAt: sql`d.updated_at`,
  };
}

export function grouped<T extends { device_id: number }>(rows: readonly T[]): ReadonlyMap<number, readonly T[]> {
  const map = new Map<number, T[]>();
  for (const row of rows) {
    const list = map.get(row.device_id);
    if (list === undefined) map.set(row.device_id, [row]);
    else list.push(row);
  }
  return map;
}

export function recordOf(
  row: DeviceRow,
  lines: readonly LineRow[],
  groups: readonly GroupRow[],
  onlineSince: number,
): DeviceRecord {
  return {
    id: row.id,
    mac: row.mac,
    serial: row.serial,
    machineId: row.machine_id,
    kind: row.kind,
    vendor: row.vendor,
    model: row.model,
    family: row.family,
    name: row.name,
    description: row.description,
    siteId: row.site_id,
    site: row.site,
    siteMode: row.site_mode,
    privateIp: row.private_ip,
    controlUrl: row.control_url,
    port: row.port,
    tags: JSON.parse(row.tags),
    origin: row.origin,
    state: row.state,
    replacedBy: row.replaced_by,
    document: row.document,
    lines: lines.map(lineOf),
    groups: groups.map(({ name }) => name),
    facts: factsOf(row, onlineSince),
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function lineOf(row: LineRow): DeviceLine {
  return {
    line: row.line,
    accountId: row.account_id,
    type: row.type,
    name: row.name,
    username: row.username,
    displayName: row.display_name,
    label: row.label,
    server: row.server,
  };
}

function factsOf(row: DeviceRow, onlineSince: number): DeviceFacts {
  return {
    seenAt: row.f_seen_at,
    firstSeenAt: row.f_first_seen_at,
    online: row.f_online === 1 && (row.f_seen_at ?? 0) >= onlineSince,
    publicIp: row.f_public_ip,
    reportedIp: row.f_reported_ip,
    addressAt: row.f_address_at,
    vendor: row.f_vendor,
    model: row.f_model,
    firmware: row.f_firmware,
    identityAt: row.f_identity_at,
    sip: row.f_sip ?? 'unknown',
    sipAt: row.f_sip_at,
    lines: row.f_lines === null ? [] : JSON.parse(row.f_lines),
    call: row.f_call ?? 'idle',
    callAt: row.f_call_at,
    bootedAt: row.f_booted_at,
    provisionedAt: row.f_provisioned_at,
    provisionResult: row.f_provision_result,
    servedDigest: row.f_served_digest,
    servedAt: row.f_served_at,
    servedTo: row.f_served_to,
    runningDigest: row.f_running_digest,
    runningAt: row.f_running_at,
    attention: row.f_attention,
  };
}

const COLUMNS = {
  mac: 'mac',
  serial: 'serial',
  machineId: 'machine_id',
  kind: 'kind',
  vendor: 'vendor',
  model: 'model',
  family: 'family',
  name: 'name',
  description: 'description',
  siteId: 'site_id',
  siteMode: 'site_mode',
  privateIp: 'private_ip',
  controlUrl: 'control_url',
  port: 'port',
  origin: 'origin',
  state: 'state',
  replacedBy: 'replaced_by',
  document: 'document',
} as const satisfies Partial<Record<keyof DeviceData, keyof DeviceTable>>;

/** The columns that these fields are stored in; fields that are not given are not there. */
export function columnsOf(data: Partial<DeviceData>): Partial<Plain<DeviceTable>> {
  const columns: Record<string, unknown> = {};
  for (const [field, column] of Object.entries(COLUMNS)) {
    const value = data[field as keyof typeof COLUMNS];
    if (value !== undefined) columns[column] = value;
  }
  if (data.name !== undefined) columns['name_key'] = nameKey(data.name);
  if (data.tags !== undefined) columns['tags'] = JSON.stringify(data.tags);
  return columns as Partial<Plain<DeviceTable>>;
}
