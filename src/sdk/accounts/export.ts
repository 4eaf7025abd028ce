/** Accounts as a table that imports as unchanged (ACCT-06); passwords only where they may be revealed (DEV-55). */
import { type AccountField, type AccountType, FIELD_COLUMNS, TYPE_FACTS } from '../../domain/account.ts';
import type { OperationContext } from '../context.ts';
import { MASK } from '../csv/report.ts';
import { writeTable } from '../csv/write.ts';
import { type ExportInput, inBatches } from '../imports/export-fields.ts';
import type { AccountRecord } from '../ports/accounts.ts';
import { requireSite } from '../sites/site.ts';
import { openPassword } from './account.ts';

export interface AccountExportInput extends ExportInput {
  /** Only accounts of this type, with the columns that it has. */
  readonly type?: AccountType | undefined;
  readonly site?: string | undefined;
  readonly reveal?: boolean | undefined;
}

export async function* exportAccounts(context: OperationContext, input: AccountExportInput): AsyncGenerator<string> {
  const { type, site, reveal, search, ...options } = input;
  const { accounts, sites } = context.read;
  const siteId = site === undefined ? undefined : (await requireSite(sites, site, context.scope)).id;
  if (reveal === true) {
    context.require('account:reveal');
    // Recorded before the first password leaves.
    const details = { revealed: 'passwords', type, site, search };
    await context.write(async () => [undefined, { object: 'accounts', result: 'done', details }]);
  }
  const fields = fieldsOf(type);
  const cells = (record: AccountRecord): readonly string[] => [
    record.type,
    record.name,
    ...fields.map((field) => (field === 'password' ? password(record) : String(record[field] ?? ''))),
    record.site ?? '',
    record.description,
  ];
  const password = (record: AccountRecord): string => {
    if (record.password === null) return '';
    return reveal === true ? (openPassword(record, context.secrets) ?? '') : MASK;
  };
  const header = ['type', 'name', ...fields.map((field) => FIELD_COLUMNS[field]), 'site', 'description'];
  const rows = accounts.list({ scope: context.scope, search, type, siteId });
  yield* writeTable(header, inBatches(rows, cells), options);
}

function fieldsOf(type: AccountType | undefined): readonly AccountField[] {
  const all = Object.keys(FIELD_COLUMNS) as AccountField[];
  if (type === undefined) return all;
  const { required, optional } = TYPE_FACTS[type];
  return all.filter((field) => required.includes(field) || optional.includes(field));
}
