/**
 * Accounts from a table (ACCT-03): any number of rows, checked and staged first, then applied. Passwords are sealed
 * before they are staged.
 */
import {
  ACCOUNT_TYPES,
  type AccountField,
  type AccountFields,
  type AccountType,
  BLANK_ACCOUNT,
  checkAccount,
  FIELD_COLUMNS,
  readAccountType,
  readPort,
  readTransport,
  TRANSPORTS,
} from '../../domain/account.ts';
import { checkName, checkText, excerpt, nameKey, nearest } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import type { ColumnNames } from '../csv/columns.ts';
import { type ImportReport, MASK } from '../csv/report.ts';
import { PhonectlError } from '../errors.ts';
import { applyStaged, type StagedRow } from '../imports/apply.ts';
import type { ImportInput } from '../imports/fields.ts';
import { ImportLedger, openImport, type RowReader, recordRefused } from '../imports/reader.ts';
import type { AccountData, AccountImage } from '../ports/accounts.ts';
import type { Repositories } from '../ports/store.ts';
import { openPassword } from './account.ts';
import { seal } from './write.ts';

export const ACCOUNT_COLUMNS = {
  type: ['account_type'],
  name: ['account', 'account_name'],
  username: ['user_name'],
  auth_name: ['register_name', 'auth_user'],
  password: [],
  display_name: [],
  label: [],
  server: ['sip_server'],
  port: [],
  transport: [],
  server2: [],
  port2: [],
  site: ['site_name'],
  description: [],
} as const satisfies ColumnNames<string>;

type Column = keyof typeof ACCOUNT_COLUMNS;
type Reader = RowReader<Column>;

/** What becomes of an account that exists and differs: left alone, filled in from cells that are not empty, replaced. */
export const UPDATES = ['skip', 'merge', 'overwrite'] as const;
export type Update = (typeof UPDATES)[number];

export interface AccountImportInput extends ImportInput {
  /** Type of all rows; else the file says it. */
  readonly type?: AccountType | undefined;
  /** Default `skip` (B-11). */
  readonly update?: Update | undefined;
}

export async function importAccounts(context: OperationContext, input: AccountImportInput): Promise<ImportReport> {
  const { openStaging } = await import('../../store/staging.ts');
  const ledger = new ImportLedger(context, input.details ?? false);
  using staging = openStaging(context.home);
  const { rows, present } = await openImport(input, ACCOUNT_COLUMNS, [['name', 'username']], ledger);
  if (input.type === undefined && !present.has('type')) {
    throw new PhonectlError('invalid_file', 'The file does not say of what type its accounts are.', {
      hints: [`Add a column type, or give --type with one of ${ACCOUNT_TYPES.join(', ')}.`],
    });
  }
  const check = await rowChecker(context, input);
  let changes = 0;
  for await (const reader of rows) {
    const row = check(reader);
    if (row !== undefined && reader.errors.length === 0) {
      const staged = row.outcome === 'created' || row.outcome === 'updated' ? JSON.stringify(packed(row)) : null;
      const earlier = staging.add(`${row.data.type}/${nameKey(row.data.name)}`, reader.line, staged);
      if (earlier !== undefined) {
        reader.reject('name', `The account stands in line ${earlier} already.`, 'Delete one of the two rows.');
      } else if (staged !== null) {
        changes += 1;
      }
    }
    if (row === undefined || reader.errors.length > 0) {
      ledger.reject(reader.row, excerpt(reader.cell('name') ?? reader.cell('username') ?? ''), reader.errors);
    } else {
      ledger.count(reader.line, row.data.name, row.outcome);
    }
  }
  const refused = ledger.rejected > 0 && input.partial !== true;
  if (refused) await recordRefused(context, 'accounts', ledger, input.dryRun);
  else if (input.dryRun !== true) {
    await applyStaged(context, staging, `accounts (${changes})`, ledger, rowApplier(context.clock.now()));
  }
  return ledger.report(!refused && changes > 0);
}

interface CheckedRow {
  readonly data: AccountData;
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'skipped';
}

/** Reads and checks one row, and compares it with the store. Errors are noted in the reader. */
async function rowChecker(
  context: OperationContext,
  { type: given, update = 'skip' }: AccountImportInput,
): Promise<(reader: Reader) => CheckedRow | undefined> {
  const sites = new Map<string, number>();
  const siteNames: string[] = [];
  for (const name of await context.read.sites.names(context.scope)) siteNames.push(name);
  for await (const site of context.read.sites.list({ scope: context.scope })) sites.set(nameKey(site.name), site.id);
  const { accounts } = context.read;

  return (reader) => {
    const type = readType(reader, given);
    const name = (reader.cell('name') || reader.cell('username') || '').trim();
    const problem = checkName(name);
    if (problem !== undefined) reader.reject('name', `The name ${problem}.`, 'Give every account a name.');
    if (type === undefined || problem !== undefined) return undefined;
    const existing = accounts.image(type, nameKey(name));
    if (existing !== undefined && context.scope !== 'all' && !context.scope.includes(existing.siteId ?? -1)) {
      reader.reject('name', 'An account of this name exists where you may not change it.', 'Choose another name.');
      return undefined;
    }
    const below = existing && imageFields(existing, context);
    const fields = readFields(reader, below, update);
    const siteId = readSite(reader, sites, siteNames, existing?.siteId ?? null, update);
    const description = readDescription(reader, existing?.description ?? '', update);
    if (existing === undefined && context.scope !== 'all' && siteId === null) {
      reader.reject('site', 'The site is missing.', 'Name one of your sites.');
    }
    if (fields === undefined) return undefined;
    for (const found of checkAccount(type, fields)) {
      const column = FIELD_COLUMNS[found.field] as Column;
      reader.reject(column, `The ${column} ${found.reason}.`, found.remedy, found.field === 'password');
    }
    if (reader.errors.length > 0) return undefined;
    const outcome = compare({ fields, siteId, description, name }, existing, below, update);
    // What is not written need not be sealed.
    const data =
      outcome === 'created' || outcome === 'updated'
        ? seal({ type, name, siteId, description, fields }, context.secrets)
        : { type, name, siteId, description, ...fields, password: null };
    return { data, outcome };
  };
}

function readType(reader: Reader, given: AccountType | undefined): AccountType | undefined {
  const cell = reader.cell('type') ?? '';
  if (cell === '') {
    if (given === undefined) reader.reject('type', 'The type is missing.', `Write one of ${ACCOUNT_TYPES.join(', ')}.`);
    return given;
  }
  const type = readAccountType(cell);
  if (type === undefined) {
    reader.reject('type', 'There is no such account type.', `Write one of ${ACCOUNT_TYPES.join(', ')}.`);
  } else if (given !== undefined && given !== type) {
    reader.reject('type', `The row is not of the type ${given}.`, 'Correct the cell, or leave --type out.');
    return undefined;
  }
  return type;
}

function imageFields(existing: AccountImage, context: OperationContext): AccountFields {
  const password = openPassword({ ...existing, nameKey: nameKey(existing.name) }, context.secrets);
  return { ...existing, password: password ?? '' };
}

/** The fields of the row laid over what is stored; `undefined` when a cell cannot be read. */
function readFields(reader: Reader, below: AccountFields | undefined, update: Update): AccountFields | undefined {
  const fields: Record<string, string | number | null> = {};
  const errorsBefore = reader.errors.length;
  for (const field of Object.keys(FIELD_COLUMNS) as AccountField[]) {
    const column = FIELD_COLUMNS[field] as Column;
    const cell = reader.cell(column);
    const kept = (below ?? BLANK_ACCOUNT)[field];
    if (cell === undefined || (cell === '' && below !== undefined && update !== 'overwrite')) fields[field] = kept;
    else fields[field] = readCell(reader, column, field, cell, below);
  }
  return reader.errors.length > errorsBefore ? undefined : (fields as unknown as AccountFields);
}

function readCell(
  reader: Reader,
  column: Column,
  field: AccountField,
  cell: string,
  below: AccountFields | undefined,
): string | number | null {
  if (field === 'port' || field === 'port2') {
    const port = readPort(cell);
    if (port === undefined) reader.reject(column, 'It is not a port.', 'Write a number from 1 to 65535.');
    return port ?? null;
  }
  if (field === 'transport') {
    const transport = readTransport(cell);
    if (transport === undefined) {
      reader.reject(column, 'There is no such transport.', `Write one of ${TRANSPORTS.join(', ')}.`);
    }
    return transport ?? null;
  }
  if (field === 'password' && cell === MASK) {
    if (below !== undefined && below.password !== '') return below.password;
    reader.reject(column, 'It stands for a stored password, and there is none.', 'Write the password itself.', true);
  }
  return cell;
}

function readSite(
  reader: Reader,
  sites: ReadonlyMap<string, number>,
  names: readonly string[],
  kept: number | null,
  update: Update,
): number | null {
  const cell = reader.cell('site');
  if (cell === undefined) return kept;
  if (cell === '') return update === 'overwrite' ? null : kept;
  const id = sites.get(nameKey(cell));
  if (id !== undefined) return id;
  const near = nearest(cell, names);
  reader.reject(
    'site',
    'There is no such site.',
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Add it with `phonectl site add`.',
  );
  return kept;
}

function readDescription(reader: Reader, kept: string, update: Update): string {
  const cell = reader.cell('description');
  if (cell === undefined || (cell === '' && update !== 'overwrite')) return kept;
  const problem = checkText(cell);
  if (problem !== undefined) reader.reject('description', `The text ${problem}.`, 'Shorten or correct it.');
  return cell;
}

function compare(
  row: { fields: AccountFields; siteId: number | null; description: string; name: string },
  existing: AccountImage | undefined,
  below: AccountFields | undefined,
  update: Update,
): CheckedRow['outcome'] {
  if (existing === undefined || below === undefined) return 'created';
  const same =
    row.name === existing.name &&
    row.siteId === existing.siteId &&
    row.description === existing.description &&
    (Object.keys(FIELD_COLUMNS) as AccountField[]).every((field) => row.fields[field] === below[field]);
  if (same) return 'unchanged';
  return update === 'skip' ? 'skipped' : 'updated';
}

type Packed = Omit<AccountData, 'password'> & { readonly password: string | null };

function packed({ data }: CheckedRow): Packed {
  return { ...data, password: data.password === null ? null : Buffer.from(data.password).toString('base64') };
}

function rowApplier(now: number): (repositories: Repositories, row: StagedRow) => void {
  return ({ accounts }, { data: text }) => {
    const row = JSON.parse(text) as Packed;
    const data = { ...row, password: row.password === null ? null : Buffer.from(row.password, 'base64') };
    const existing = accounts.image(data.type, nameKey(data.name));
    if (existing === undefined) accounts.insert(data, now);
    else accounts.replace(existing.id, data, now);
  };
}
