/**
 * The tables of a fleet folder: what the imports and exports of the same topics read and write, with references in the
 * place of secrets.
 */
import { deviceKey, parseSerial } from '../../domain/device.ts';
import { parseMac } from '../../domain/mac.ts';
import { nameKey } from '../../domain/text.ts';
import { isSecretName, loadCatalogue } from '../../vendors/registry.ts';
import { ACCOUNT_COLUMNS } from '../accounts/import.ts';
import { isColumn, mapColumns } from '../csv/columns.ts';
import { type HeaderColumn, openTable, type Row } from '../csv/table.ts';
import { writeTable } from '../csv/write.ts';
import { DEVICE_COLUMN_NAMES, isDeviceColumn, readColumns } from '../devices/import/columns.ts';
import { GROUP_COLUMNS } from '../groups/import.ts';
import { SITE_COLUMNS } from '../sites/import.ts';
import type { Folder, TableName } from './folder.ts';
import { accountSecret, deviceSecret } from './secrets.ts';

/** What is to be known of a table's header before its rows mean anything. */
export interface TableShape {
  /** Columns whose cells are secrets. */
  readonly secrets: readonly HeaderColumn[];
  /** Natural key of a row, such as a MAC; `undefined` when the row has none that can be read. */
  key(row: Row): string | undefined;
  /** Place of the secret in this column. */
  place(row: Row, column: HeaderColumn): string;
}

/** Whether a header means something in this table; decides between separators. */
function knows(file: TableName): (name: string) => boolean {
  switch (file) {
    case 'sites.csv':
      return isColumn(SITE_COLUMNS);
    case 'groups.csv':
      return isColumn(GROUP_COLUMNS);
    case 'accounts.csv':
      return isColumn(ACCOUNT_COLUMNS);
    case 'devices.csv':
      return isDeviceColumn;
  }
}

/** Throws `invalid_file` for a header that the import refuses too. */
export async function shapeOf(file: TableName, header: readonly HeaderColumn[]): Promise<TableShape> {
  switch (file) {
    case 'sites.csv':
      return named(mapColumns(header, SITE_COLUMNS).columns.get('site_name'));
    case 'groups.csv':
      return named(mapColumns(header, GROUP_COLUMNS).columns.get('group_name'));
    case 'accounts.csv':
      return accountShape(header);
    case 'devices.csv':
      return await deviceShape(header);
  }
}

function named(column: HeaderColumn | undefined): TableShape {
  return {
    secrets: [],
    key: ({ cells }) => (column === undefined ? undefined : nameKey(cells[column.index] ?? '')),
    place: () => '',
  };
}

function accountShape(header: readonly HeaderColumn[]): TableShape {
  const { columns } = mapColumns(header, ACCOUNT_COLUMNS);
  const cell = ({ cells }: Row, name: keyof typeof ACCOUNT_COLUMNS): string =>
    cells[columns.get(name)?.index ?? -1] ?? '';
  const key = (row: Row): string =>
    accountSecret(cell(row, 'type').toLowerCase(), cell(row, 'name') || cell(row, 'username'));
  const password = columns.get('password');
  return { secrets: password === undefined ? [] : [password], key, place: key };
}

async function deviceShape(header: readonly HeaderColumn[]): Promise<TableShape> {
  const [poly, yealink, cisco] = await Promise.all([
    loadCatalogue('poly'),
    loadCatalogue('yealink'),
    loadCatalogue('cisco'),
  ]);
  const { parameters } = readColumns(header, { poly, yealink, cisco }, isSecretName);
  const { columns } = mapColumns(header, DEVICE_COLUMN_NAMES);
  const cell = ({ cells }: Row, name: 'mac' | 'serial'): string => cells[columns.get(name)?.index ?? -1] ?? '';
  function key(row: Row): string | undefined {
    const mac = parseMac(cell(row, 'mac')) ?? null;
    const serial = parseSerial(cell(row, 'serial')) ?? null;
    return mac === null && serial === null ? undefined : deviceKey({ mac, serial });
  }
  return {
    secrets: parameters
      .filter(({ known, custom }) => custom.secret || Object.values(known).some(({ secret }) => secret))
      .map((column) => column.header),
    key,
    place: (row, column) => deviceSecret(key(row) ?? '', column.name),
  };
}

/** Rows of a table with what its header means. */
export async function readTable(
  folder: Folder,
  file: TableName,
): Promise<{
  readonly shape: TableShape;
  readonly header: readonly HeaderColumn[];
  readonly rows: AsyncIterable<Row>;
}> {
  const table = await openTable(folder.open(file), { name: file, known: knows(file) });
  return { shape: await shapeOf(file, table.header), header: table.header, rows: table.rows() };
}

/** Rows in one piece of bytes. */
const BATCH = 500;

/**
 * The table with other texts in its secret cells, as bytes for an import. Every row stays on its line, so that errors
 * name the lines of the file that somebody wrote.
 */
export async function* rewritten(
  folder: Folder,
  file: TableName,
  change: (text: string, row: Row, column: HeaderColumn, place: string) => string,
  broken: (row: Row) => void,
): AsyncGenerator<Uint8Array> {
  const { header, rows, shape } = await readTable(folder, file);
  let current: Row | undefined;
  async function* one(): AsyncGenerator<readonly (readonly string[])[]> {
    for await (const row of rows) {
      if (row.problem !== undefined) {
        broken(row);
        continue;
      }
      const cells = [...row.cells];
      for (const column of shape.secrets) {
        cells[column.index] = change(cells[column.index] ?? '', row, column, shape.place(row, column));
      }
      current = row;
      yield [cells];
    }
  }
  const names = header.map(({ name }) => name);
  let line = 1;
  let batch: string[] = [];
  for await (const text of writeTable(names, one())) {
    const gap = current === undefined ? 0 : Math.max(0, current.line - line);
    batch.push('\n'.repeat(gap), text);
    line += gap + text.split('\n').length - 1;
    if (batch.length < BATCH) continue;
    yield Buffer.from(batch.join(''));
    batch = [];
  }
  yield Buffer.from(batch.join(''));
}
