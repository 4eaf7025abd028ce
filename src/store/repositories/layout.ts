/** Where devices stand in the fleet, and what they are given there: read for every phone that is served. */
import type { StatementSync } from 'node:sqlite';
import type { DataScope } from '../../sdk/context.ts';
import type { ImageFamily } from '../../sdk/ports/files.ts';
import type {
  AccountLine,
  DownloadDefaults,
  GivenParameters,
  MacFileRecord,
  PositionRecord,
  PushedRecord,
  PushRecord,
  ServedFiles,
  SitePlace,
} from '../../sdk/ports/profiles.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';

/** The setting, see sdk/settings/provisioning.ts. */
const DOWNLOAD_PATHS = 'provisioning.downloadPath';

export class SqlLayout {
  protected readonly kysely: Connection['kysely'];
  protected readonly database: Connection['database'];
  // Asked for every phone that is served, so prepared once.
  #positionsOf: StatementSync | undefined;
  #layout: StatementSync | undefined;
  #sites: StatementSync | undefined;
  #macFile: StatementSync | undefined;
  #givenFiles: StatementSync | undefined;

  constructor({ kysely, database }: Connection) {
    this.kysely = kysely;
    this.database = database;
  }

  *positions(scope: DataScope, ids?: readonly number[]): Iterable<PositionRecord> {
    const within = { scope: scope === 'all' ? null : JSON.stringify(scope) };
    if (ids !== undefined) {
      this.#positionsOf ??= this.database.prepare(
        positionQuery('json_each(:ids) w CROSS JOIN device d ON d.id = w.value'),
      );
      const rows = this.#positionsOf.all({ ...within, ids: JSON.stringify(ids) });
      yield* (rows as unknown as PositionRow[]).map((row) => toPosition(row, JSON.parse(row.groups)));
      return;
    }
    const groups = this.#groupsOfAll();
    // A statement of its own, because it stays open while the caller goes through 50,000 devices.
    const rows = this.database.prepare(positionQuery('device d', "''")).iterate(within);
    for (const row of rows as Iterable<PositionRow>) yield toPosition(row, groups.get(row.id) ?? NO_GROUPS);
  }

  /** Groups by device, highest first: in one go, since a query within the query takes as long as all the rest. */
  #groupsOfAll(): ReadonlyMap<number, readonly number[]> {
    const rows = this.database
      .prepare('SELECT device_id AS device, group_id AS "group" FROM device_group_member ORDER BY device_id, position')
      .iterate() as unknown as Iterable<{ device: number; group: number }>;
    const groups = new Map<number, number[]>();
    for (const { device, group } of rows) {
      const list = groups.get(device);
      if (list === undefined) groups.set(device, [group]);
      else list.push(group);
    }
    return groups;
  }

  *accountLines(scope: DataScope): Iterable<AccountLine> {
    const rows = this.database
      .prepare(
        `SELECT l.device_id AS "deviceId", l.line, a.type, a.username, a.auth_name AS "authName",
           a.password IS NOT NULL AS "hasPassword", a.display_name AS "displayName", a.label, a.server, a.port, a.transport,
           a.server2, a.port2
         FROM device_line l JOIN account a ON a.id = l.account_id JOIN device d ON d.id = l.device_id
         WHERE d.enterprise_id = ${ENTERPRISE} AND d.state = 'active'
           AND (:scope IS NULL OR d.site_id IN (SELECT value FROM json_each(:scope)))
         ORDER BY l.device_id, l.line`,
      )
      .iterate({ scope: scope === 'all' ? null : JSON.stringify(scope) });
    for (const row of rows as unknown as Iterable<AccountLine>) yield { ...row, hasPassword: Boolean(row.hasPassword) };
  }

  layoutVersion(): string {
    this.#sites ??= this.database.prepare(
      `SELECT COUNT(*) || ':' || COALESCE(SUM(version), 0) AS version FROM site WHERE enterprise_id = ${ENTERPRISE}`,
    );
    return `${this.sharedVersion()}:${String(this.#sites.get()?.['version'])}`;
  }

  sharedVersion(): string {
    this.#layout ??= this.database.prepare(`
      SELECT (SELECT COALESCE(MAX(id), 0) FROM revision WHERE enterprise_id = ${ENTERPRISE}) || ':' ||
        (SELECT COUNT(*) || ':' || COALESCE(SUM(version), 0) FROM resource WHERE enterprise_id = ${ENTERPRISE}) || ':' ||
        (SELECT COUNT(*) || ':' || COALESCE(SUM(version), 0) FROM image WHERE enterprise_id = ${ENTERPRISE}) || ':' ||
        (SELECT COALESCE(MAX(value), '') FROM setting WHERE enterprise_id = ${ENTERPRISE} AND name = '${DOWNLOAD_PATHS}') || ':' ||
        (SELECT COUNT(*) FROM assignment WHERE enterprise_id = ${ENTERPRISE}) || ':' ||
        (SELECT COUNT(*) || ':' || COALESCE(SUM(pushed_at - 1700000000000), 0) FROM assignment_push) AS version`);
    return String(this.#layout.get()?.['version']);
  }

  async downloadDefaults(): Promise<DownloadDefaults> {
    const row = await this.kysely
      .selectFrom('setting')
      .select('value')
      .where('enterprise_id', '=', ENTERPRISE)
      .where('name', '=', DOWNLOAD_PATHS)
      .executeTakeFirst();
    return row === undefined ? {} : (JSON.parse(row.value) as DownloadDefaults);
  }

  async servedFiles(): Promise<ServedFiles> {
    const [resources, images] = await Promise.all([
      this.kysely
        .selectFrom('resource')
        .select(['name', 'served_as as servedAs'])
        .where('enterprise_id', '=', ENTERPRISE)
        .execute(),
      this.kysely
        .selectFrom('image')
        .select(['id', 'family', 'release', 'file_name as fileName', 'models'])
        .where('enterprise_id', '=', ENTERPRISE)
        .execute(),
    ]);
    return {
      resources,
      images: images.map((image) => ({
        ...image,
        family: image.family as ImageFamily,
        models: JSON.parse(image.models),
      })),
    };
  }

  macFile(deviceId: number): MacFileRecord | undefined {
    this.#macFile ??= this.database.prepare(
      `SELECT id, uid, parameters, source FROM mac_file WHERE device_id = ? AND active = 1 ORDER BY id DESC LIMIT 1`,
    );
    const row = this.#macFile.get(deviceId) as unknown as Omit<MacFileRecord, 'parameters'> & { parameters: string };
    return row && { ...row, parameters: JSON.parse(row.parameters) };
  }

  givenFiles(deviceId: number): readonly GivenParameters[] {
    this.#givenFiles ??= this.database.prepare(
      'SELECT slot, task_id AS "taskId", parameters FROM given_file WHERE device_id = ? ORDER BY at, slot',
    );
    const rows = this.#givenFiles.all(deviceId) as unknown as { slot: string; taskId: number; parameters: string }[];
    return rows.map((row) => ({ ...row, parameters: JSON.parse(row.parameters) as GivenParameters['parameters'] }));
  }

  devicesWithFiles(): { readonly macFiles: ReadonlySet<number>; readonly given: ReadonlySet<number> } {
    const ids = (query: string): ReadonlySet<number> =>
      new Set(
        this.database
          .prepare(query)
          .all()
          .map((row) => Number(row['id'])),
      );
    return {
      macFiles: ids('SELECT device_id AS id FROM mac_file WHERE active = 1'),
      given: ids('SELECT DISTINCT device_id AS id FROM given_file'),
    };
  }

  async sitePlaces(): Promise<readonly SitePlace[]> {
    const rows = await this.kysely
      .selectFrom('site')
      .select(['id', 'parent_id as parentId', 'kind', 'download_path as downloadPath'])
      .where('enterprise_id', '=', ENTERPRISE)
      .execute();
    return rows;
  }

  async pushes(deviceIds?: readonly number[]): Promise<readonly PushedRecord[]> {
    let select = this.kysely.selectFrom('assignment_push').selectAll();
    if (deviceIds !== undefined) select = select.where('device_id', 'in', deviceIds);
    return (await select.execute()).map((row) => ({
      assignmentId: row.assignment_id,
      deviceId: row.device_id,
      uid: row.uid,
      parameters: JSON.parse(row.parameters),
      at: row.pushed_at,
    }));
  }

  async putPushes(pushes: readonly PushRecord[], at: number): Promise<void> {
    const statement = this.database.prepare(`
      INSERT INTO assignment_push (assignment_id, device_id, uid, parameters, pushed_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (assignment_id, device_id)
      DO UPDATE SET uid = excluded.uid, parameters = excluded.parameters, pushed_at = excluded.pushed_at`);
    for (const { assignmentId, deviceId, uid, parameters } of pushes) {
      statement.run(assignmentId, deviceId, uid, JSON.stringify(parameters), at);
    }
  }
}

/** As a JSON array, highest first. */
const GROUPS = `(SELECT json_group_array(group_id) FROM (SELECT group_id FROM device_group_member
        WHERE device_id = d.id ORDER BY position))`;

/** `from` names the devices as `d`; `groups` is another expression in the place of their groups. */
function positionQuery(from: string, groups = GROUPS): string {
  return `SELECT d.id, d.mac, d.serial, d.name, COALESCE(d.vendor, f.vendor) AS vendor,
      COALESCE(d.model, f.model) AS model, f.firmware, d.site_id, s.name AS site, d.document, d.updated_at AS "updatedAt",
      ${groups} AS groups
    FROM ${from} JOIN site s ON s.id = d.site_id LEFT JOIN device_fact f ON f.device_id = d.id
    WHERE d.enterprise_id = ${ENTERPRISE} AND d.state = 'active'
      AND (:scope IS NULL OR d.site_id IN (SELECT value FROM json_each(:scope)))
    ORDER BY d.id`;
}

interface PositionRow {
  id: number;
  mac: string | null;
  serial: string | null;
  name: string;
  vendor: string | null;
  model: string | null;
  firmware: string | null;
  site_id: number;
  site: string;
  document: string | null;
  updatedAt: number;
  groups: string;
}

const NO_GROUPS: readonly number[] = [];

function toPosition(row: PositionRow, groups: readonly number[]): PositionRecord {
  // Field by field: this runs for every device of a fleet.
  return {
    id: row.id,
    mac: row.mac,
    serial: row.serial,
    name: row.name,
    vendor: row.vendor,
    model: row.model,
    firmware: row.firmware,
    siteId: row.site_id,
    siteName: row.site,
    groups,
    document: row.document,
    updatedAt: row.updatedAt,
  };
}
