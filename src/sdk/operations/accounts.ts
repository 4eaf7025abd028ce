/** Everything that can be done with accounts. */
import { array, boolean, minLength, optional, picklist, pipe, strictObject } from 'valibot';
import { type Account, accountOf, requireAccount } from '../accounts/account.ts';
import { exportAccounts } from '../accounts/export.ts';
import { accountFields, newAccountSchema, typeField } from '../accounts/fields.ts';
import { importAccounts, UPDATES } from '../accounts/import.ts';
import { addAccounts, deleteAccounts, editAccounts } from '../accounts/write.ts';
import { dryRunField, listFields, nameField, referenceField, referencesField } from '../fields.ts';
import { exportFields } from '../imports/export-fields.ts';
import { importFields } from '../imports/fields.ts';
import { operation, streamOperation } from '../operation.ts';
import { requireSite } from '../sites/site.ts';

export const accounts = {
  list: streamOperation({
    summary: 'Lists the accounts; never with passwords.',
    permission: 'account:read',
    effect: 'read',
    input: strictObject({ ...listFields, type: optional(typeField), site: optional(referenceField) }),
    async *run(context, { site, ...query }): AsyncGenerator<Account> {
      const { accounts: repository, sites } = context.read;
      const siteId = site === undefined ? undefined : (await requireSite(sites, site, context.scope)).id;
      for await (const record of repository.list({ ...query, siteId, scope: context.scope })) {
        yield accountOf(record);
      }
    },
  }),
  show: operation({
    summary: 'Shows one account; with reveal its password too.',
    permission: 'account:read',
    effect: 'read',
    input: strictObject({ account: referenceField, type: optional(typeField), reveal: optional(boolean()) }),
    reveals: ({ reveal }) => reveal === true,
    async run(context, { account, type, reveal }): Promise<Account> {
      if (reveal === true) context.require('account:reveal');
      const record = await requireAccount(context.read.accounts, account, context.scope, type);
      if (reveal !== true) return accountOf(record);
      const object = `account:${record.type}/${record.name}`;
      return await context.write(async () => [
        accountOf(record, context.secrets),
        { object, result: 'done', details: { revealed: 'password' } },
      ]);
    },
  }),
  add: operation({
    summary: 'Adds accounts.',
    permission: 'account:add',
    effect: 'write',
    input: strictObject({ accounts: pipe(array(newAccountSchema), minLength(1, 'is empty')), ...dryRunField }),
    run: addAccounts,
  }),
  edit: operation({
    summary: 'Changes accounts; a name only of one.',
    permission: 'account:edit',
    effect: 'write',
    input: strictObject({
      accounts: referencesField,
      type: optional(typeField),
      name: optional(nameField),
      ...accountFields,
      ...dryRunField,
    }),
    run: editAccounts,
  }),
  delete: operation({
    summary: 'Deletes accounts; those on a line only when they may be unlinked.',
    permission: 'account:delete',
    effect: 'destructive',
    input: strictObject({
      accounts: referencesField,
      type: optional(typeField),
      unlink: optional(boolean()),
      ...dryRunField,
    }),
    run: deleteAccounts,
  }),
  import: operation({
    summary: 'Adds accounts from a table and, with update, changes those that exist.',
    permission: 'account:import',
    effect: 'write',
    input: strictObject({ ...importFields, type: optional(typeField), update: optional(picklist(UPDATES)) }),
    run: importAccounts,
  }),
  export: streamOperation({
    summary: 'Writes the accounts as a table that imports as unchanged; with reveal, with their passwords.',
    permission: 'account:read',
    effect: 'read',
    input: strictObject({
      ...exportFields,
      type: optional(typeField),
      site: optional(referenceField),
      reveal: optional(boolean()),
    }),
    reveals: ({ reveal }) => reveal === true,
    run: exportAccounts,
  }),
};
