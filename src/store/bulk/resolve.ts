/** What staged rows refer to, looked up set-wise: existing devices and accounts. */
import type { DatabaseSync } from 'node:sqlite';
import { excerpt, nameKey, nearest } from '../../domain/text.ts';
import type { DataScope } from '../../sdk/context.ts';

import { ENTERPRISE } from '../connection.ts';

/** Warnings of one sort that are spelt out; further ones are counted. */
const SPELT_OUT = 20;

/** What occurs among the rows, so that nothing is looked for that is not there. */
export interface Occurring {
  readonly macs: boolean;
  readonly serials: boolean;
  readonly accounts: boolean;
  /** Rows without a MAC. */
  readonly unnumbered: boolean;
  /** Rows that want a stored secret kept. */
  readonly keeps: boolean;
}

export function resolveReferences(database: DatabaseSync, has: Occurring, scope: DataScope): readonly string[] {
  findDevices(database, has, scope);
  if (has.unnumbered) {
    // CSV-05: endpoint_type is mandatory for what is not a phone.
    reject(
      database,
      `SELECT n, line, 'type' AS col, '' AS value, 'A new device without a MAC address needs a type or model.' AS reason,
         'Give it, such as Polycom Studio.' AS remedy
       FROM staged JOIN what ON what.id = staged.what
       WHERE mac IS NULL AND device_id IS NULL AND model IS NULL AND family IS NULL AND said = 0`,
    );
  }
  if (has.keeps) {
    reject(
      database,
      `SELECT n, line, '' AS col, '' AS value, 'The row holds ******** for a secret, but the device is new.' AS reason,
         'Export with --reveal, or write the secret itself.' AS remedy
       FROM staged WHERE device_id IS NULL AND document LIKE '%{"keep":true}%'`,
    );
  }
  return has.accounts ? findAccounts(database, scope) : [];
}

function findDevices(database: DatabaseSync, has: { macs: boolean; serials: boolean }, scope: DataScope): void {
  if (database.prepare('SELECT 1 FROM fleet.device LIMIT 1').get() === undefined) return;
  if (has.macs) {
    database.exec(`UPDATE staged SET device_id =
      (SELECT id FROM fleet.device AS d WHERE d.enterprise_id = ${ENTERPRISE} AND d.mac = staged.mac) WHERE mac IS NOT NULL`);
  }
  if (has.serials) findBySerial(database);
  reject(
    database,
    `SELECT s.n, s.line, 'mac' AS col, coalesce(s.mac, s.serial) AS value,
       'This device was replaced by ' || coalesce(new.mac, new.serial, 'another one') || '.' AS reason,
       'Delete the row, or delete the replaced device first.' AS remedy
     FROM staged AS s JOIN fleet.device AS d ON d.id = s.device_id LEFT JOIN fleet.device AS new ON new.id = d.replaced_by
     WHERE d.state = 'replaced'`,
  );
  if (scope === 'all') return;
  reject(
    database,
    `SELECT s.n, s.line, 'mac' AS col, coalesce(s.mac, s.serial) AS value,
       'You may not change this device.' AS reason, 'Ask somebody who has its site.' AS remedy
     FROM staged AS s JOIN fleet.device AS d ON d.id = s.device_id WHERE d.site_id NOT IN (${list(scope)})`,
  );
}

/** A row may name a device by its MAC, its serial number, or both; the two must not be of two devices (DEV-40). */
function findBySerial(database: DatabaseSync): void {
  database.exec(`CREATE TEMP TABLE by_serial AS SELECT s.n, d.id, d.mac FROM staged AS s
    JOIN fleet.device AS d ON d.enterprise_id = ${ENTERPRISE} AND d.serial = s.serial WHERE s.serial IS NOT NULL`);
  database.exec('CREATE INDEX temp.by_serial_n ON by_serial(n)');
  reject(
    database,
    `SELECT s.n, s.line, 'serial' AS col, s.serial AS value,
       'This serial number belongs to the device ' || coalesce(b.mac, 'with another MAC') || '.' AS reason,
       'Another MAC is another device: use phonectl device replace.' AS remedy
     FROM staged AS s JOIN temp.by_serial AS b ON b.n = s.n
     WHERE s.mac IS NOT NULL AND (b.id <> s.device_id OR (s.device_id IS NULL AND b.mac IS NOT NULL))`,
  );
  reject(
    database,
    `SELECT s.n, s.line, 'serial' AS col, s.serial AS value,
       'The device ' || d.mac || ' has the serial number ' || d.serial || '.' AS reason,
       'Another serial number is another device: use phonectl device replace.' AS remedy
     FROM staged AS s JOIN fleet.device AS d ON d.id = s.device_id
     WHERE s.serial IS NOT NULL AND d.serial IS NOT NULL AND d.serial <> s.serial`,
  );
  database.exec(
    'UPDATE staged SET device_id = coalesce(device_id, (SELECT id FROM temp.by_serial AS b WHERE b.n = staged.n))',
  );
  database.exec('DROP TABLE temp.by_serial');
}

/** Types are listed so that the index over (enterprise, type, name) serves. */
const TYPES = `('sip', 'sfb', 'yms', 'cloud', 'h323')`;

function findAccounts(database: DatabaseSync, scope: DataScope): readonly string[] {
  const visible = scope === 'all' ? '' : `AND a.site_id IN (${list(scope)})`;
  const base = `FROM fleet.account AS a WHERE a.enterprise_id = ${ENTERPRISE} ${visible}`;
  // -1 stands for several.
  const only = `CASE count(*) WHEN 0 THEN NULL WHEN 1 THEN min(a.id) ELSE -1 END`;
  database.exec(`UPDATE staged_line SET account_id = (SELECT a.id ${base} AND a.type = staged_line.type
    AND a.name_key = staged_line.typed_key) WHERE type IS NOT NULL`);
  database.exec(`UPDATE staged_line SET account_id = (SELECT ${only} ${base} AND a.type IN ${TYPES}
    AND a.name_key = staged_line.name_key) WHERE account_id IS NULL`);
  database.exec(`UPDATE staged_line SET account_id = (SELECT ${only} ${base}
    AND a.username = staged_line.reference) WHERE account_id IS NULL`);
  rejectMissingAccounts(database, visible);
  reject(
    database,
    `SELECT l.n, s.line, l.col, l.reference AS value, 'Several accounts have this name.' AS reason,
       'Write the type in front: sip:' || l.reference AS remedy
     FROM staged_line AS l JOIN staged AS s ON s.n = l.n WHERE l.account_id = -1`,
  );
  reject(
    database,
    `SELECT l.n, s.line, l.col, l.reference AS value,
       'This account is on the row of line ' || other.line || ' too.' AS reason,
       'An account can be on one line of one device only.' AS remedy
     FROM staged_line AS l JOIN staged AS s ON s.n = l.n
     JOIN (SELECT account_id, min(n * 1000 + line) AS first, min(n) AS n FROM staged_line WHERE account_id > 0
       GROUP BY account_id HAVING count(*) > 1) AS twice ON twice.account_id = l.account_id
     JOIN staged AS other ON other.n = twice.n WHERE l.n * 1000 + l.line <> twice.first`,
  );
  return keepOneSfb(database);
}

function rejectMissingAccounts(database: DatabaseSync, visible: string): void {
  const missing = database
    .prepare(
      `SELECT l.n, s.line, l.col, l.reference FROM staged_line AS l JOIN staged AS s ON s.n = l.n
       WHERE l.account_id IS NULL ORDER BY l.n LIMIT ${SPELT_OUT}`,
    )
    .all();
  const candidates = database.prepare(
    `SELECT name FROM fleet.account AS a WHERE a.enterprise_id = ${ENTERPRISE} ${visible} AND a.name_key LIKE ? LIMIT 5000`,
  );
  const suggestions = new Map<string, string>();
  for (const row of missing) {
    const reference = String(row['reference']);
    const names = candidates
      .all(`${nameKey(reference).slice(0, 1).replace(/[%_]/g, '')}%`)
      .map(({ name }) => String(name));
    const near = nearest(reference, names);
    if (near.length > 0) suggestions.set(reference, `Did you mean ${near.join(' or ')}?`);
  }
  const insert = prepareProblem(database);
  const rows = database
    .prepare(
      `SELECT l.n, s.line, l.col, l.reference FROM staged_line AS l JOIN staged AS s ON s.n = l.n
       WHERE l.account_id IS NULL`,
    )
    .all();
  for (const row of rows) {
    const reference = String(row['reference']);
    const remedy = suggestions.get(reference) ?? 'Import the accounts first: phonectl account import FILE.';
    insert.run(
      Number(row['n']),
      Number(row['line']),
      String(row['col']),
      excerpt(reference),
      'There is no such account.',
      remedy,
    );
  }
  database.exec(`UPDATE staged SET outcome = 'reject' WHERE n IN (SELECT n FROM staged_line WHERE account_id IS NULL)`);
}

/** A Skype for Business device takes one account: the first (ACCT-09). */
function keepOneSfb(database: DatabaseSync): readonly string[] {
  const crowded = `SELECT l.n FROM staged_line AS l JOIN fleet.account AS a ON a.id = l.account_id
    GROUP BY l.n HAVING count(*) > 1 AND max(a.type = 'sfb') = 1`;
  const rows = database.prepare(`SELECT line FROM staged WHERE n IN (${crowded}) ORDER BY n LIMIT ${SPELT_OUT}`).all();
  if (rows.length === 0) return [];
  database.exec(`DELETE FROM staged_line WHERE n IN (${crowded})
    AND line > (SELECT min(first.line) FROM staged_line AS first WHERE first.n = staged_line.n)`);
  return rows.map(({ line }) => `Line ${line}: a Skype for Business device takes one account; the first is used.`);
}

/** Adds a problem for every row of a SELECT of (n, line, col, value, reason, remedy), and rejects those rows. */
function reject(database: DatabaseSync, select: string): void {
  const { changes } = database.prepare(`INSERT INTO problem (n, line, col, value, reason, remedy) ${select}`).run();
  if (changes === 0) return;
  database.exec(`UPDATE staged SET outcome = 'reject' WHERE outcome <> 'reject' AND n IN (SELECT n FROM problem)`);
}

export function prepareProblem(database: DatabaseSync): ReturnType<DatabaseSync['prepare']> {
  return database.prepare('INSERT INTO problem (n, line, col, value, reason, remedy) VALUES (?, ?, ?, ?, ?, ?)');
}

function list(scope: readonly number[]): string {
  return scope.length === 0 ? 'NULL' : scope.map((id) => String(Math.trunc(id))).join(', ');
}
