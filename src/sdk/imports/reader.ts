/**
 * Reads the rows of an import: names the columns, hands each row to a reader, collects what is wrong with them, and tells
 * the caller. What the rows mean is the topic's own business.
 */
import type { OperationContext } from '../context.ts';
import { type ColumnNames, isColumn, mapColumns, unknownColumns } from '../csv/columns.ts';
import { type ImportReport, REPORTED_ERRORS, type RowError, shown } from '../csv/report.ts';
import { openTable, type Row, type Table } from '../csv/table.ts';
import { PhonectlError } from '../errors.ts';
import { ERROR_COLUMN, type ImportEvent, type RowOutcome } from './events.ts';
import type { ImportInput } from './fields.ts';

/** One row under its canonical column names. */
export class RowReader<K extends string> {
  readonly line: number;
  readonly errors: RowError[] = [];
  readonly #columns: ReadonlyMap<K, { readonly name: string; readonly index: number }>;
  readonly row: Row;

  constructor(row: Row, columns: ReadonlyMap<K, { readonly name: string; readonly index: number }>) {
    this.row = row;
    this.line = row.line;
    this.#columns = columns;
  }

  /** The cell; `undefined` when the file has no such column, which is not the same as an empty cell. */
  cell(column: K): string | undefined {
    const found = this.#columns.get(column);
    return found && (this.row.cells[found.index] ?? '');
  }

  /** Notes an error. `secret` keeps the cell out of messages. */
  reject(column: K | '', reason: string, remedy: string, secret = false): void {
    const found = column === '' ? undefined : this.#columns.get(column);
    this.errors.push({
      line: this.line,
      column: found?.name ?? column,
      value: found ? shown(this.row.cells[found.index] ?? '', secret) : '',
      reason,
      remedy,
    });
  }
}

/** Counts and collects; at the end it is the report. */
export class ImportLedger {
  readonly #context: Pick<OperationContext, 'progress'>;
  readonly #details: boolean;
  readonly #errors: RowError[] = [];
  readonly #warnings: string[] = [];
  readonly #counts = { created: 0, updated: 0, unchanged: 0, skipped: 0, rejected: 0 };
  #rows = 0;
  #unlistedWarnings = 0;

  constructor(context: Pick<OperationContext, 'progress'>, details: boolean) {
    this.#context = context;
    this.#details = details;
  }

  get rejected(): number {
    return this.#counts.rejected;
  }

  warn(text: string): void {
    if (this.#warnings.length < REPORTED_ERRORS) this.#warnings.push(text);
    else this.#unlistedWarnings += 1;
  }

  /** Every row comes here once, when it is known what becomes of it. */
  count(line: number, name: string, outcome: Exclude<RowOutcome, 'rejected'>): void {
    this.#rows += 1;
    this.#counts[outcome] += 1;
    if (this.#details) this.#tell({ kind: 'row', line, name, outcome });
  }

  reject(row: Row, name: string, errors: readonly RowError[]): void {
    this.#rows += 1;
    this.#counts.rejected += 1;
    const room = REPORTED_ERRORS - this.#errors.length;
    if (room > 0) this.#errors.push(...errors.slice(0, room));
    this.#tell({ kind: 'row', line: row.line, name, outcome: 'rejected', errors, cells: row.cells });
  }

  /** Forgets what the good rows would have become: the rows are counted again while they are applied. */
  restart(): void {
    for (const outcome of ['created', 'updated', 'unchanged', 'skipped'] as const) {
      this.#rows -= this.#counts[outcome];
      this.#counts[outcome] = 0;
    }
  }

  progress(phase: 'checking' | 'applying', rows: number): void {
    this.#tell({ kind: 'rows', phase, rows });
  }

  header(columns: readonly string[]): void {
    this.#tell({ kind: 'header', columns });
  }

  report(applied: boolean): ImportReport {
    const more = this.#unlistedWarnings > 0 ? [`${this.#unlistedWarnings} more warnings are not listed.`] : [];
    return {
      summary: { rows: this.#rows, ...this.#counts },
      errors: this.#errors.toSorted((a, b) => a.line - b.line),
      warnings: [...this.#warnings, ...more],
      applied,
    };
  }

  #tell(event: ImportEvent): void {
    this.#context.progress(event);
  }
}

export interface ImportTable<K extends string> {
  readonly table: Table;
  readonly rows: AsyncIterable<RowReader<K>>;
  /** Canonical names of the columns that the file has. */
  readonly present: ReadonlySet<K>;
}

/**
 * Opens the file with the columns of a topic. Unknown columns and missing required ones are refused before any row is
 * read. A row that is wrong as a whole goes to the ledger and is not handed on.
 */
export async function openImport<K extends string>(
  input: ImportInput,
  names: ColumnNames<K>,
  required: readonly (readonly NoInfer<K>[])[],
  ledger: ImportLedger,
): Promise<ImportTable<K>> {
  const table = await openTable(input.source, {
    separator: input.separator,
    encoding: input.encoding,
    name: input.name,
    known: isColumn(names),
  });
  const { columns, others } = mapColumns(table.header, names);
  const unknown = others.filter(({ key }) => key !== ERROR_COLUMN);
  if (unknown.length > 0) throw unknownColumns(unknown, Object.keys(names));
  const missing = required.find((choices) => !choices.some((choice) => columns.has(choice)));
  if (missing !== undefined) {
    throw new PhonectlError('invalid_file', `The file has no column ${missing.join(' or ')}.`, {
      hints: ['The first line must name the columns; `… template` prints one.'],
      details: { column: missing[0] },
    });
  }
  ledger.header(table.header.map(({ name }) => name));
  return { table, rows: readRows(table, columns, ledger), present: new Set(columns.keys()) };
}

/** How often progress is told, in rows. */
const EVERY = 5000;

async function* readRows<K extends string>(
  table: Table,
  columns: ReadonlyMap<K, { readonly name: string; readonly index: number }>,
  ledger: ImportLedger,
): AsyncGenerator<RowReader<K>> {
  let count = 0;
  for await (const batch of table.batches()) {
    for (const row of batch) {
      count += 1;
      if (count % EVERY === 0) ledger.progress('checking', count);
      if (row.problem === undefined) {
        yield new RowReader(row, columns);
      } else {
        const { reason, remedy } = row.problem;
        ledger.reject(row, '', [{ line: row.line, column: '', value: '', reason, remedy }]);
      }
    }
  }
  for (const warning of table.warnings) ledger.warn(warning);
}

/** An import of which nothing was applied stands in the operation log, too. */
export async function recordRefused(
  context: OperationContext,
  object: string,
  ledger: ImportLedger,
  dryRun: boolean | undefined,
): Promise<void> {
  if (dryRun === true) return;
  const { summary } = ledger.report(false);
  await context.write(async () => [undefined, { object, result: 'failed', details: { ...summary } }]);
}
