/** Rows of a staged device beside the one that exists, read alike while checking and while applying. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CurrentValues, LineOf, StagedPair, StagedValues } from '../../sdk/ports/bulk.ts';

type Row = Readonly<Record<string, unknown>>;

const COLUMNS = [
  'mac',
  'serial',
  'machine_id',
  'name',
  'description',
  'site_id',
  'site_mode',
  'private_ip',
  'control_url',
  'port',
  'tags',
  'document',
];

/** Rows to be decided about, or those that were decided to be updates. */
type Which = 'undecided' | 'updates';
const WHICH = { undecided: `s.outcome <> 'reject'`, updates: `s.outcome = 'update'` } as const;

/** What rows say something of; the rest of a device is not read. */
export interface Needs {
  readonly accounts: boolean;
  readonly groups: boolean;
}

/** Pairs of rows `first` to `last` whose device exists, in order. */
export class PairReader {
  readonly #pairs: StatementSync;
  readonly #stagedLines: StatementSync;
  readonly #lines: StatementSync;
  readonly #groups: StatementSync;

  readonly #needs: Needs;

  /** The schemas under which the connection has the scratch and the fleet. */
  constructor(
    database: DatabaseSync,
    schemas: { readonly scratch: string; readonly fleet: string },
    needs: Needs,
    which: Which,
  ) {
    const { scratch, fleet } = schemas;
    this.#needs = needs;
    this.#pairs = database.prepare(
      `SELECT s.n, s.line, s.groups, ${COLUMNS.map((name) => `s.${name} AS s_${name}`).join(', ')},
         w.vendor AS w_vendor, w.model AS w_model, w.family AS w_family, w.kind AS w_kind, w.said AS w_said,
         d.id, d.kind, d.vendor, d.model, d.family, d.state, ${COLUMNS.map((name) => `d.${name} AS d_${name}`).join(', ')}
       FROM ${scratch}.staged AS s JOIN ${scratch}.what AS w ON w.id = s.what JOIN ${fleet}.device AS d ON d.id = s.device_id
       WHERE s.n > ? AND s.n <= ? AND ${WHICH[which]} ORDER BY s.n LIMIT ?`,
    );
    this.#stagedLines = database.prepare(
      `SELECT line, account_id FROM ${scratch}.staged_line WHERE n = ? AND account_id IS NOT NULL ORDER BY line`,
    );
    this.#lines = database.prepare(
      `SELECT line, account_id FROM ${fleet}.device_line WHERE device_id = ? ORDER BY line`,
    );
    this.#groups = database.prepare(
      `SELECT group_id FROM ${fleet}.device_group_member WHERE device_id = ? ORDER BY position`,
    );
  }

  /** In pieces, so that nothing is open while the caller writes. */
  *read(first: number, last: number): Generator<StagedPair> {
    const size = 500;
    for (let after = first - 1; ; ) {
      const rows = this.#pairs.all(after, last, size) as Row[];
      for (const row of rows) yield this.#pair(row);
      const end = rows.at(-1);
      if (rows.length < size || end === undefined) return;
      after = end['n'] as number;
    }
  }

  #pair(row: Row): StagedPair {
    const groups = row['groups'] as string | null;
    const staged = {
      n: row['n'],
      line: row['line'],
      ...fields(row, 's_'),
      groups: groups === null ? null : JSON.parse(groups),
      what: {
        vendor: row['w_vendor'],
        vendorSaid: row['w_said'] === 1,
        model: row['w_model'],
        family: row['w_family'],
        kind: row['w_kind'],
      },
      lines: this.#needs.accounts ? this.#stagedLines.all(row['n'] as number).map(lineOf) : [],
    } as unknown as StagedValues;
    const id = row['id'] as number;
    const current = {
      id,
      ...fields(row, 'd_'),
      kind: row['kind'],
      vendor: row['vendor'],
      model: row['model'],
      family: row['family'],
      state: row['state'],
      groups: this.#needs.groups ? this.#groups.all(id).map((member) => member['group_id']) : [],
      lines: this.#needs.accounts ? this.#lines.all(id).map(lineOf) : [],
    } as unknown as CurrentValues;
    return { staged, current };
  }
}

function lineOf(row: Row): LineOf {
  return { line: row['line'] as number, accountId: row['account_id'] as number };
}

function fields(row: Row, prefix: string): Record<string, unknown> {
  return {
    mac: row[`${prefix}mac`],
    serial: row[`${prefix}serial`],
    machineId: row[`${prefix}machine_id`],
    name: row[`${prefix}name`],
    description: row[`${prefix}description`],
    siteId: row[`${prefix}site_id`],
    siteMode: row[`${prefix}site_mode`],
    privateIp: row[`${prefix}private_ip`],
    controlUrl: row[`${prefix}control_url`],
    port: row[`${prefix}port`],
    tags: row[`${prefix}tags`],
    document: row[`${prefix}document`],
  };
}
