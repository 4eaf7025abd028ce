/** Applying staged rows to the fleet, set-wise for new devices, one by one for existing ones. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { nameKey } from '../../domain/text.ts';
import type { Applied, ApplyOptions, DeviceUpdate, LineOf, StagedPair } from '../../sdk/ports/bulk.ts';
import { ENTERPRISE } from '../connection.ts';
import { type Needs, PairReader } from './rows.ts';

export interface Range {
  readonly first: number;
  readonly last: number;
}

/** Lives on the writing connection, with the scratch attached under `scratch`. */
export class Applier {
  readonly #database: DatabaseSync;
  readonly #pairs: PairReader;
  readonly #nextId: StatementSync;
  readonly #create: StatementSync;
  readonly #freeLines: StatementSync;
  readonly #lines: StatementSync;
  readonly #groups: StatementSync;
  readonly #windows: StatementSync;
  readonly #unquarantine: StatementSync;
  readonly #update: StatementSync;
  readonly #clearLines: StatementSync;
  readonly #clearGroups: StatementSync;
  readonly #addLine: StatementSync;
  readonly #addGroup: StatementSync;
  readonly #freeAccount: StatementSync;

  constructor(database: DatabaseSync, scratch: string, needs: Needs) {
    this.#database = database;
    this.#pairs = new PairReader(database, { scratch, fleet: 'main' }, needs, 'updates');
    this.#nextId = database.prepare('SELECT coalesce(max(id), 0) + 1 AS next FROM main.device');
    const created = `FROM ${scratch}.staged AS s WHERE s.n BETWEEN :first AND :last AND s.outcome = 'create'`;
    // Somebody may have added the device since the rows were checked: then the row is left alone.
    this.#create = database.prepare(
      `INSERT INTO main.device (id, enterprise_id, mac, serial, machine_id, kind, vendor, model, family, name, name_key,
         description, site_id, site_mode, private_ip, control_url, port, tags, origin, state, document, created_at, updated_at)
       SELECT :next + s.n - :first, ${ENTERPRISE}, s.mac, s.serial, s.machine_id, coalesce(w.kind, 'sip'), w.vendor, w.model,
         w.family, coalesce(s.name, ''), coalesce(s.name_key, ''), coalesce(s.description, ''), s.site_id, coalesce(s.site_mode, 'auto'),
         s.private_ip, s.control_url, s.port, coalesce(s.tags, '{}'), 'csv', 'active', s.document, :now, :now
       FROM ${scratch}.staged AS s JOIN ${scratch}.what AS w ON w.id = s.what
       WHERE s.n BETWEEN :first AND :last AND s.outcome = 'create'
       ON CONFLICT DO NOTHING`,
    );
    const device = `JOIN main.device AS d ON d.id = :next + s.n - :first`;
    this.#freeLines = database.prepare(
      `DELETE FROM main.device_line WHERE account_id IN (SELECT l.account_id FROM ${scratch}.staged_line AS l
         WHERE l.n IN (SELECT s.n ${created})) RETURNING device_id`,
    );
    this.#lines = database.prepare(
      `INSERT INTO main.device_line (device_id, line, account_id) SELECT d.id, l.line, l.account_id
       FROM ${scratch}.staged AS s ${device} JOIN ${scratch}.staged_line AS l ON l.n = s.n
       WHERE s.n BETWEEN :first AND :last AND s.outcome = 'create'`,
    );
    this.#groups = database.prepare(
      `INSERT INTO main.device_group_member (device_id, group_id, position) SELECT d.id, g.value, g.key + 1
       FROM ${scratch}.staged AS s ${device} JOIN json_each(coalesce(s.groups, :defaults)) AS g
       WHERE s.n BETWEEN :first AND :last AND s.outcome = 'create'`,
    );
    this.#windows = database.prepare(
      `INSERT INTO main.enrolment (device_id, opened_at, closes_at, networks)
       SELECT d.id, :now, :ends, coalesce(n.networks, '[]') FROM main.device AS d
       LEFT JOIN temp.site_networks AS n ON n.site_id = d.site_id WHERE d.id BETWEEN :from AND :to`,
    );
    this.#unquarantine = database.prepare(
      `DELETE FROM main.quarantine WHERE enterprise_id = ${ENTERPRISE} AND mac IN (SELECT s.mac ${created})`,
    );
    this.#update = database.prepare(
      `UPDATE main.device SET mac = ?, serial = ?, machine_id = ?, kind = ?, vendor = ?, model = ?, family = ?, name = ?,
         name_key = ?, description = ?, site_id = ?, site_mode = ?, private_ip = ?, control_url = ?, port = ?, tags = ?,
         document = ?, version = version + 1, updated_at = ? WHERE id = ?`,
    );
    this.#clearLines = database.prepare('DELETE FROM main.device_line WHERE device_id = ?');
    this.#clearGroups = database.prepare('DELETE FROM main.device_group_member WHERE device_id = ?');
    this.#addLine = database.prepare('INSERT INTO main.device_line (device_id, line, account_id) VALUES (?, ?, ?)');
    this.#addGroup = database.prepare(
      'INSERT INTO main.device_group_member (device_id, group_id, position) VALUES (?, ?, ?)',
    );
    this.#freeAccount = database.prepare('DELETE FROM main.device_line WHERE account_id = ? RETURNING device_id');
  }

  /** Inside a transaction. */
  run(
    range: Range,
    has: { readonly accounts: boolean; readonly groups: boolean; readonly existing: boolean },
    plan: (pair: StagedPair) => DeviceUpdate | undefined,
    options: ApplyOptions,
  ): Applied {
    const left = new Set<number>();
    const created = this.#createAll(range, has, options, left);
    const updated = has.existing ? this.#updateAll(range, plan, options.now, left) : 0;
    this.#touch(left, options.now);
    return { created, updated, accountsMoved: left.size };
  }

  #createAll(
    range: Range,
    has: { accounts: boolean; groups: boolean },
    options: ApplyOptions,
    left: Set<number>,
  ): number {
    const next = Number(this.#nextId.get()?.['next']);
    const { first, last } = range;
    const { changes } = this.#create.run({ next, first, last, now: options.now });
    if (changes === 0) return 0;
    if (has.accounts) {
      for (const row of this.#freeLines.all({ first, last })) left.add(Number(row['device_id']));
      this.#lines.run({ next, first, last });
    }
    const { defaultGroups } = options;
    if (has.groups || defaultGroups.length > 0) {
      this.#groups.run({ next, first, last, defaults: JSON.stringify(defaultGroups) });
    }
    this.#windows.run({ now: options.now, ends: options.windowEnds, from: next, to: next + last - first });
    this.#unquarantine.run({ first, last });
    return Number(changes);
  }

  #updateAll(
    { first, last }: Range,
    plan: (pair: StagedPair) => DeviceUpdate | undefined,
    now: number,
    left: Set<number>,
  ): number {
    let updated = 0;
    for (const pair of this.#pairs.read(first, last)) {
      const update = plan(pair);
      if (update === undefined) continue;
      const { id } = pair.current;
      const { fields } = update;
      this.#update.run(
        fields.mac,
        fields.serial,
        fields.machineId,
        fields.kind,
        fields.vendor,
        fields.model,
        fields.family,
        fields.name,
        nameKey(fields.name),
        fields.description,
        fields.siteId,
        fields.siteMode,
        fields.privateIp,
        fields.controlUrl,
        fields.port,
        fields.tags,
        fields.document,
        now,
        id,
      );
      if (update.lines !== undefined) this.#setLines(id, update.lines, left);
      if (update.groups !== undefined) {
        this.#clearGroups.run(id);
        for (const [index, group] of update.groups.entries()) this.#addGroup.run(id, group, index + 1);
      }
      updated += 1;
    }
    return updated;
  }

  #setLines(id: number, lines: readonly LineOf[], left: Set<number>): void {
    this.#clearLines.run(id);
    for (const { line, accountId } of lines) {
      for (const row of this.#freeAccount.all(accountId)) left.add(Number(row['device_id']));
      this.#addLine.run(id, line, accountId);
    }
  }

  /** Devices that lost an account are served something else from now on (ACCT-12). */
  #touch(devices: ReadonlySet<number>, now: number): void {
    if (devices.size === 0) return;
    const touch = this.#database.prepare('UPDATE main.device SET version = version + 1, updated_at = ? WHERE id = ?');
    for (const id of devices) touch.run(now, id);
  }
}

/** Public subnets of every site, as JSON: where the enrolment windows of its devices are good by default. */
export function prepareNetworks(database: DatabaseSync): void {
  database.exec(`CREATE TEMP TABLE IF NOT EXISTS site_networks (site_id INTEGER PRIMARY KEY, networks TEXT NOT NULL);
    DELETE FROM temp.site_networks;
    INSERT INTO temp.site_networks SELECT site_id, json_group_array(DISTINCT public_cidr) FROM main.site_subnet GROUP BY site_id`);
}
