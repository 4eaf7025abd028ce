/** `BulkDevices` on SQLite. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { nameKey } from '../../domain/text.ts';
import type { DataScope } from '../../sdk/context.ts';
import type { RowError } from '../../sdk/csv/report.ts';
import type {
  Applied,
  ApplyOptions,
  BulkColumns,
  BulkDevices,
  DeviceUpdate,
  Outcome,
  StagedCounts,
  StagedDevice,
  StagedKind,
  StagedPair,
} from '../../sdk/ports/bulk.ts';
import { Applier, prepareNetworks, type Range } from './apply.ts';
import { prepareProblem, resolveReferences } from './resolve.ts';
import { PairReader } from './rows.ts';
import { openScratch, type Scratch } from './scratch.ts';

/** What the bulk writer needs of the store: its one writing connection, between or inside transactions. */
export interface WriterAccess {
  /** Runs when no transaction is open, before the next one. */
  idle<T>(work: (database: DatabaseSync) => T): Promise<T>;
  /** Runs in an IMMEDIATE transaction. */
  transaction<T>(work: (database: DatabaseSync) => T): Promise<T>;
}

const SCHEMA = 'scratch';

/** 64 MB of write-ahead log while an import runs; SQLite's own value is 1000 pages. */
const CHECKPOINT_PAGES = 16_000;
const USUAL_CHECKPOINT_PAGES = 1000;

/** Cache of the writing connection while an import runs and else (`sqlite.ts`), in KiB: a million rows stay below 300 MB. */
const CACHE = 32_768;
const USUAL_CACHE = 65_536;

export class SqliteBulkDevices implements BulkDevices {
  readonly #scratch: Scratch;
  readonly #writer: WriterAccess;
  readonly #columns: BulkColumns;
  readonly #kinds = new Map<string, number>();
  readonly #insert: StatementSync;
  readonly #insertLean: StatementSync;
  readonly #insertKind: StatementSync;
  readonly #insertLine: StatementSync;
  readonly #insertProblem: StatementSync;
  readonly #insertRejected: StatementSync;
  readonly #has = { macs: false, serials: false, accounts: false, groups: false, unnumbered: false };
  #applier: Applier | undefined;
  #existing = false;
  #last = 0;

  constructor(folder: string, columns: BulkColumns, fleetPath: string, writer: WriterAccess) {
    this.#columns = columns;
    this.#scratch = openScratch(folder, fleetPath);
    this.#writer = writer;
    const { database } = this.#scratch;
    this.#insert = database.prepare(
      `INSERT INTO staged (n, line, mac, serial, what, machine_id, name, name_key, description, site_id, site_mode,
         private_ip, control_url, port, tags, groups, document, cells)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertLean = database.prepare(
      `INSERT INTO staged (n, line, mac, what, name, name_key, description, site_id, site_mode, private_ip, groups, document)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertKind = database.prepare(
      'INSERT INTO what (id, vendor, model, family, kind, said) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#insertLine = database.prepare(
      `INSERT INTO staged_line (n, line, col, reference, type, typed_key, name_key) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertProblem = prepareProblem(database);
    this.#insertRejected = database.prepare('INSERT OR REPLACE INTO rejected (n, cells) VALUES (?, ?)');
  }

  get last(): number {
    return this.#last;
  }

  kind(kind: StagedKind): number {
    const key = `${kind.vendor}\t${kind.model}\t${kind.family}\t${kind.kind}\t${kind.vendorSaid}`;
    let id = this.#kinds.get(key);
    if (id === undefined) {
      id = this.#kinds.size + 1;
      this.#kinds.set(key, id);
      this.#insertKind.run(id, kind.vendor, kind.model, kind.family, kind.kind, Number(kind.vendorSaid));
    }
    return id;
  }

  stage(rows: readonly StagedDevice[]): void {
    this.#begin();
    for (const row of rows) this.#stageOne(row);
  }

  /** One transaction for very many rows: the file has no journal, so that a commit only writes pages out early. */
  #begin(): void {
    if (!this.#scratch.database.isTransaction) this.#scratch.database.exec('BEGIN');
  }

  #commit(): void {
    if (this.#scratch.database.isTransaction) this.#scratch.database.exec('COMMIT');
  }

  #stageOne(row: StagedDevice): void {
    this.#last = row.n;
    if (row.mac !== null) this.#has.macs = true;
    else this.#has.unnumbered = true;
    if (row.serial !== null) this.#has.serials = true;
    if (row.groups !== null) this.#has.groups = true;
    const nameKeyOf = row.name === null ? null : nameKey(row.name);
    const groups = row.groups === null ? null : JSON.stringify(row.groups);
    if (isLean(row)) {
      this.#insertLean.run(
        row.n,
        row.line,
        row.mac,
        row.kind,
        row.name,
        nameKeyOf,
        row.description,
        row.siteId,
        row.siteMode,
        row.privateIp,
        groups,
        row.document,
      );
    } else {
      this.#insert.run(
        row.n,
        row.line,
        row.mac,
        row.serial,
        row.kind,
        row.machineId,
        row.name,
        nameKeyOf,
        row.description,
        row.siteId,
        row.siteMode,
        row.privateIp,
        row.controlUrl,
        row.port,
        row.tags,
        groups,
        row.document,
        row.cells === null ? null : JSON.stringify(row.cells),
      );
    }
    for (const { line, column, reference } of row.accounts) {
      this.#has.accounts = true;
      const typed = /^(sip|sfb|yms|cloud|h323):(.+)$/is.exec(reference);
      this.#insertLine.run(
        row.n,
        line,
        column,
        reference,
        typed?.[1]?.toLowerCase() ?? null,
        typed === null ? null : nameKey(typed[2]!),
        nameKey(reference),
      );
    }
  }

  reject(n: number, cells: readonly string[] | null, errors: readonly RowError[]): void {
    this.#begin();
    this.#last = Math.max(this.#last, n);
    this.#insertRejected.run(n, cells === null ? null : JSON.stringify(cells));
    for (const error of errors) {
      this.#insertProblem.run(n, error.line, error.column, error.value, error.reason, error.remedy);
    }
  }

  resolve(scope: DataScope, keeps: boolean): readonly string[] {
    this.#commit();
    const warnings = resolveReferences(this.#scratch.database, { ...this.#has, keeps }, scope);
    const existing = this.#scratch.database.prepare('SELECT 1 FROM staged WHERE device_id IS NOT NULL LIMIT 1').get();
    this.#existing = existing !== undefined;
    return warnings;
  }

  classify(decide: (pair: StagedPair) => Exclude<Outcome, 'create' | 'reject'>): void {
    if (!this.#existing) return;
    const { database } = this.#scratch;
    const decideAbout = database.prepare('UPDATE staged SET outcome = ? WHERE n = ?');
    database.exec('BEGIN');
    for (const pair of new PairReader(database, { scratch: 'main', fleet: 'fleet' }, this.#columns, 'undecided').read(
      1,
      this.#last,
    )) {
      decideAbout.run(decide(pair), pair.staged.n);
    }
    database.exec('COMMIT');
  }

  counts(): StagedCounts {
    const { database } = this.#scratch;
    const found = new Map(
      database
        .prepare('SELECT outcome, count(*) AS count FROM staged GROUP BY outcome')
        .all()
        .map((row) => [String(row['outcome']), Number(row['count'])]),
    );
    const unstaged = Number(database.prepare('SELECT count(*) AS count FROM rejected').get()?.['count']);
    const of = (outcome: Outcome): number => found.get(outcome) ?? 0;
    return {
      rows: [...found.values()].reduce((sum, count) => sum + count, unstaged),
      create: of('create'),
      update: of('update'),
      unchanged: of('unchanged'),
      skip: of('skip'),
      reject: of('reject') + unstaged,
    };
  }

  errors(limit: number): readonly RowError[] {
    const rows = this.#scratch.database
      .prepare('SELECT line, col, value, reason, remedy FROM problem ORDER BY line, id LIMIT ?')
      .all(limit);
    return rows.map(errorOf);
  }

  *rejected(): Iterable<{ cells: readonly string[]; errors: readonly RowError[] }> {
    const { database } = this.#scratch;
    const errors = database.prepare('SELECT line, col, value, reason, remedy FROM problem WHERE n = ? ORDER BY id');
    const rows = database.prepare(
      `SELECT n, cells FROM rejected UNION ALL SELECT n, cells FROM staged WHERE outcome = 'reject' ORDER BY n`,
    );
    for (const row of rows.iterate()) {
      const cells = row['cells'] === null ? [] : (JSON.parse(String(row['cells'])) as string[]);
      yield { cells, errors: errors.all(Number(row['n'])).map(errorOf) };
    }
  }

  *outcomes(): Iterable<{ line: number; device: string; outcome: Outcome }> {
    const rows = this.#scratch.database.prepare(
      `SELECT line, coalesce(mac, serial) AS device, outcome FROM staged UNION ALL
       SELECT (SELECT min(line) FROM problem AS p WHERE p.n = r.n), '', 'reject' FROM rejected AS r ORDER BY 1`,
    );
    for (const row of rows.iterate()) {
      yield { line: Number(row['line']), device: String(row['device']), outcome: row['outcome'] as Outcome };
    }
  }

  async apply(
    range: Range,
    plan: (pair: StagedPair) => DeviceUpdate | undefined,
    options: ApplyOptions,
  ): Promise<Applied> {
    this.#applier ??= await this.#writer.idle((database) => {
      database.prepare(`ATTACH ? AS ${SCHEMA}`).run(this.#scratch.path);
      database.exec(`PRAGMA ${SCHEMA}.journal_mode=OFF`);
      // Pages that every batch touches go to the disk a few times, not once a batch; close() puts it back.
      database.exec(`PRAGMA wal_autocheckpoint=${CHECKPOINT_PAGES}; PRAGMA main.cache_size=-${CACHE}`);
      prepareNetworks(database);
      return new Applier(database, SCHEMA, this.#columns);
    });
    const applier = this.#applier;
    const has = { ...this.#has, existing: this.#existing };
    return await this.#writer.transaction(() => applier.run(range, has, plan, options));
  }

  async close(): Promise<void> {
    if (this.#applier !== undefined) {
      this.#applier = undefined;
      await this.#writer.idle((database) =>
        database.exec(
          `DETACH ${SCHEMA}; PRAGMA wal_autocheckpoint=${USUAL_CHECKPOINT_PAGES}; PRAGMA main.cache_size=-${USUAL_CACHE}`,
        ),
      );
    }
    this.#scratch.remove();
  }
}

/** Nearly every row: each value that need not be bound is time saved. */
function isLean(row: StagedDevice): boolean {
  return (
    row.serial === null &&
    row.machineId === null &&
    row.controlUrl === null &&
    row.port === null &&
    row.tags === null &&
    row.cells === null
  );
}

function errorOf(row: Readonly<Record<string, unknown>>): RowError {
  return {
    line: Number(row['line']),
    column: String(row['col']),
    value: String(row['value']),
    reason: String(row['reason']),
    remedy: String(row['remedy']),
  };
}
