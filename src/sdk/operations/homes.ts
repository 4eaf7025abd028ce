/** What can be done with the folder of the fleet itself. Making and restoring one need none: see `home-admin/`. */
import { boolean, minLength, optional, pipe, strictObject, string } from 'valibot';
import { backupHome } from '../home-admin/backup.ts';
import { checkHome } from '../home-admin/check.ts';
import { keyFacts, sharedAccount } from '../home-admin/key.ts';
import { operation } from '../operation.ts';

export const homes = {
  backup: operation({
    summary: 'Writes the whole home but the sealing key into one file.',
    permission: 'home:backup',
    effect: 'write',
    local: true,
    input: strictObject({ file: pipe(string(), minLength(1)), overwrite: optional(boolean()) }),
    run: backupHome,
  }),
  check: operation({
    summary: 'Looks whether the home is whole: database, secrets, files, operation log.',
    permission: 'home:check',
    effect: 'read',
    local: true,
    input: strictObject({}),
    run: checkHome,
  }),
  key: operation({
    summary: 'Says where the sealing key is.',
    permission: 'home:check',
    effect: 'read',
    local: true,
    input: strictObject({}),
    run: keyFacts,
  }),
  account: operation({
    summary: 'Shows the provisioning account that phones enrol with.',
    permission: 'home:account',
    effect: 'read',
    input: strictObject({ reveal: optional(boolean()) }),
    reveals: ({ reveal }) => reveal === true,
    run: sharedAccount,
  }),
  rotateAccount: operation({
    summary: 'Gives the provisioning account a new password.',
    permission: 'home:account',
    effect: 'disruptive',
    input: strictObject({ reveal: optional(boolean()) }),
    reveals: ({ reveal }) => reveal === true,
    run: (context, { reveal }) => sharedAccount(context, { reveal, rotate: true }),
  }),
};
