/**
 * The provisioning path's reads: one prepared statement each, on the read connection. A device comes with its site and
 * what is known of it in one row, so that a cached file costs one look-up.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Selectable } from 'kysely';
import type { StoredCredential } from '../sdk/ports/credentials.ts';
import type { Enrolment } from '../sdk/ports/enrolments.ts';
import type {
  DeviceStamp,
  FoundFile,
  SealedLine,
  ServedCredential,
  ServedDevice,
  ServingReader,
} from '../sdk/ports/serving.ts';
import type { TrustedAuthority } from '../sdk/ports/trust.ts';
import type { Upload } from '../sdk/ports/uploads.ts';
import { ENTERPRISE } from './connection.ts';
import { toCredential } from './repositories/credentials.ts';
import { toEnrolment } from './repositories/enrolments.ts';
import { toAuthority } from './repositories/trust.ts';
import type { DeviceCredentialTable, EnrolmentTable, TrustedCaTable } from './schema/fleet.ts';

const DEVICE = `d.id, d.mac, d.serial, coalesce(d.vendor, f.vendor) AS vendor, coalesce(d.model, f.model) AS model,
  f.firmware, d.name, d.state, d.version, d.updated_at AS "updatedAt", d.site_id AS "siteId",
  s.version AS "siteVersion", s.provisioning, f.public_ip AS "publicIp", f.attention`;
const FROM_DEVICE = `device d JOIN site s ON s.id = d.site_id LEFT JOIN device_fact f ON f.device_id = d.id`;

/** See sdk/configuration/layers.ts: the tables are those of the layers that have a revision for each device. */
const STAMPS = `SELECT d.id, d.site_id AS "siteId", d.version || '|' || d.updated_at || '|' || d.site_id || '|' || s.version
    || '|' || coalesce(d.vendor, f.vendor, '') || '|' || coalesce(d.model, f.model, '') AS stamp,
  EXISTS (SELECT 1 FROM mac_file WHERE device_id = d.id) OR EXISTS (SELECT 1 FROM diagnosis WHERE device_id = d.id)
    OR EXISTS (SELECT 1 FROM given_file WHERE device_id = d.id) AS own
  FROM ${FROM_DEVICE} WHERE d.enterprise_id = ${ENTERPRISE} AND d.state = 'active'`;

/** A device's own file wins (DFILE-03); firmware is asked for by its whole path. */
const STORED_FILE = `SELECT * FROM (
  SELECT 1 AS rank, 'device-file' AS kind, name, sha256, size, created_at AS modified FROM device_file
    WHERE device_id = ?1 AND name_key = ?3
  UNION ALL SELECT CASE WHEN served_key = ?3 THEN 2 ELSE 3 END, 'resource', served_as, sha256, size, updated_at
    FROM resource WHERE enterprise_id = ${ENTERPRISE} AND served_key IN (?3, ?4)
  UNION ALL SELECT 4, 'image', file_name, sha256, size, updated_at FROM image
    WHERE enterprise_id = ${ENTERPRISE} AND served_key = ?2
  UNION ALL SELECT 5, 'license', license_name, license, license_size, updated_at FROM image
    WHERE enterprise_id = ${ENTERPRISE} AND license IS NOT NULL
      AND 'firmware/' || lower(release) || '/' || lower(license_name) = ?2
  ) ORDER BY rank LIMIT 1`;

/** Bytes of the file that are mapped; more of it is read. */
const MAPPED = 1024 * 1024 * 1024;

export class SqlServingReader implements ServingReader {
  readonly #database: DatabaseSync;
  readonly #version: StatementSync;
  readonly #byId: StatementSync;
  readonly #byMac: StatementSync;
  readonly #bySerial: StatementSync;
  readonly #byLogin: StatementSync;
  readonly #byEventSecret: StatementSync;
  readonly #lines: StatementSync;
  readonly #document: StatementSync;
  readonly #credentials: StatementSync;
  readonly #enrolment: StatementSync;
  readonly #siteSubnets: StatementSync;
  readonly #uploads: StatementSync;
  readonly #storedFile: StatementSync;
  readonly #pushedText: StatementSync;
  readonly #captureName: StatementSync;
  readonly #setting: StatementSync;
  readonly #trusted: StatementSync;

  constructor(database: DatabaseSync) {
    const device = `SELECT ${DEVICE} FROM ${FROM_DEVICE} WHERE`;
    const withCredential = `FROM device_credential c JOIN device d ON d.id = c.device_id JOIN site s ON s.id = d.site_id
      LEFT JOIN device_fact f ON f.device_id = d.id WHERE d.enterprise_id = ${ENTERPRISE} AND`;
    this.#database = database;
    // Every commit of the writer empties this connection's cache: pages are then found in memory instead of read again.
    database.exec(`PRAGMA mmap_size=${MAPPED}`);
    this.#version = database.prepare('PRAGMA data_version');
    this.#byId = database.prepare(`${device} d.enterprise_id = ${ENTERPRISE} AND d.id = ?`);
    this.#byMac = database.prepare(`${device} d.enterprise_id = ${ENTERPRISE} AND d.mac = ?`);
    this.#bySerial = database.prepare(`${device} d.enterprise_id = ${ENTERPRISE} AND d.serial = ?`);
    this.#byLogin = database.prepare(
      `SELECT ${DEVICE}, c.verifier, c.previous_verifier AS "previousVerifier", c.previous_until AS "previousUntil",
         c.created_at AS "createdAt", c.first_used_at AS "firstUsedAt", c.last_used_at AS "lastUsedAt"
       ${withCredential} c.purpose = 'provisioning' AND c.username = ?`,
    );
    this.#byEventSecret = database.prepare(
      `SELECT ${DEVICE} ${withCredential} c.purpose = 'event'
         AND (c.verifier = ?1 OR (c.previous_verifier = ?1 AND c.previous_until > ?2))`,
    );
    this.#lines = database.prepare(
      `SELECT l.line, a.id AS "accountId", a.type, a.name_key AS "nameKey", a.username, a.auth_name AS "authName",
         a.password, a.display_name AS "displayName", a.label, a.server, a.port, a.transport, a.server2, a.port2
       FROM device_line l JOIN account a ON a.id = l.account_id WHERE l.device_id = ? ORDER BY l.line`,
    );
    this.#document = database.prepare('SELECT document FROM device WHERE id = ?');
    this.#credentials = database.prepare('SELECT * FROM device_credential WHERE device_id = ? ORDER BY purpose');
    this.#enrolment = database.prepare('SELECT * FROM enrolment WHERE device_id = ?');
    this.#siteSubnets = database.prepare(
      'SELECT DISTINCT public_cidr AS cidr FROM site_subnet WHERE site_id = ? ORDER BY public_cidr',
    );
    this.#storedFile = database.prepare(STORED_FILE);
    this.#uploads = database.prepare('SELECT name, size FROM upload WHERE device_id = ?');
    this.#pushedText = database.prepare(
      `SELECT json_extract(t.content, '$.input.text') AS text FROM task t
       JOIN task_run r ON r.task_id = t.id JOIN task_target g ON g.run_id = r.id AND g.device_id = ?1
       WHERE t.enterprise_id = ${ENTERPRISE} AND t.type = 'message' AND json_extract(t.content, '$.input.token') = ?2
       LIMIT 1`,
    );
    this.#captureName = database.prepare(
      `SELECT name FROM capture WHERE device_id = ? AND token = ? AND state IN ('starting', 'running', 'stopping')`,
    );
    this.#setting = database.prepare(`SELECT value FROM setting WHERE enterprise_id = ${ENTERPRISE} AND name = ?`);
    this.#trusted = database.prepare(`SELECT * FROM trusted_ca WHERE enterprise_id = ${ENTERPRISE} ORDER BY id`);
  }

  version(): number {
    return Number(this.#version.get()?.['data_version']);
  }

  stamps(): Iterable<DeviceStamp> {
    return this.#database.prepare(STAMPS).iterate() as unknown as Iterable<DeviceStamp>;
  }

  async deviceById(id: number): Promise<ServedDevice | undefined> {
    return this.#byId.get(id) as unknown as ServedDevice | undefined;
  }

  async deviceByMac(mac: string): Promise<ServedDevice | undefined> {
    return this.#byMac.get(mac) as unknown as ServedDevice | undefined;
  }

  async deviceBySerial(serial: string): Promise<ServedDevice | undefined> {
    return this.#bySerial.get(serial) as unknown as ServedDevice | undefined;
  }

  async deviceByLogin(username: string): Promise<ServedCredential | undefined> {
    const row = this.#byLogin.get(username) as unknown as (ServedDevice & ServedCredential['credential']) | undefined;
    return row && { device: row, credential: row };
  }

  async deviceByEventSecret(verifier: string): Promise<ServedDevice | undefined> {
    return this.#byEventSecret.get(verifier, Date.now()) as unknown as ServedDevice | undefined;
  }

  async lines(deviceId: number): Promise<readonly SealedLine[]> {
    return this.#lines.all(deviceId) as unknown as SealedLine[];
  }

  async document(deviceId: number): Promise<string | null> {
    return (this.#document.get(deviceId)?.['document'] ?? null) as string | null;
  }

  async credentials(deviceId: number): Promise<readonly StoredCredential[]> {
    return (this.#credentials.all(deviceId) as unknown as DeviceCredentialTable[]).map(toCredential);
  }

  async enrolment(deviceId: number): Promise<Enrolment | undefined> {
    const row = this.#enrolment.get(deviceId) as unknown as EnrolmentTable | undefined;
    return row && toEnrolment(row);
  }

  async siteSubnets(siteId: number): Promise<readonly string[]> {
    return this.#siteSubnets.all(siteId).map((row) => String(row['cidr']));
  }

  async uploads(deviceId: number): Promise<readonly Pick<Upload, 'name' | 'size'>[]> {
    return this.#uploads.all(deviceId) as unknown as Pick<Upload, 'name' | 'size'>[];
  }

  async storedFile(
    deviceId: number,
    path: string,
    name: string,
    common: string | null,
  ): Promise<FoundFile | undefined> {
    const row = this.#storedFile.get(deviceId, path, name, common);
    return row as unknown as FoundFile | undefined;
  }

  async captureName(deviceId: number, token: string): Promise<string | undefined> {
    const row = this.#captureName.get(deviceId, token);
    return row === undefined ? undefined : String(row['name']);
  }

  async pushedText(deviceId: number, token: string): Promise<string | undefined> {
    const row = this.#pushedText.get(deviceId, token);
    return row === undefined ? undefined : String(row['text']);
  }

  async setting(name: string): Promise<unknown> {
    const row = this.#setting.get(name);
    return row === undefined ? undefined : JSON.parse(String(row['value']));
  }

  async trustedAuthorities(): Promise<readonly TrustedAuthority[]> {
    return (this.#trusted.all() as unknown as Selectable<TrustedCaTable>[]).map(toAuthority);
  }

  async *deviceIds(): AsyncIterable<number> {
    // In steps by id, so that no statement stays open while the caller works.
    const step = this.#database.prepare(
      `SELECT id FROM device WHERE enterprise_id = ${ENTERPRISE} AND state = 'active' AND id > ? ORDER BY id LIMIT 500`,
    );
    for (let last = 0; ; ) {
      const rows = step.all(last);
      if (rows.length === 0) return;
      for (const row of rows) yield Number(row['id']);
      last = Number(rows.at(-1)?.['id']);
    }
  }
}
