import { createReadStream } from 'node:fs';
import { ACCOUNT_TYPES } from '../../cli/account-flags.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { choice, outFlag } from '../../cli/flags.ts';
import { assetPath } from '../../sdk/assets.ts';

export default class AccountTemplate extends PhonectlCommand<undefined> {
  static override summary = 'Writes an empty CSV file of an account type with notes, to be filled in and imported.';
  static override examples = [
    'phonectl account template --type sip > accounts.csv',
    'phonectl account template --type h323 --out h323.csv',
  ];
  static override usesSdk = false;
  static override flags = {
    ...outFlag,
    type: choice(ACCOUNT_TYPES, { char: 't', summary: 'Type of the accounts; sip by default.' }),
  };

  override async run(): Promise<undefined> {
    const { flags } = await this.parse(AccountTemplate);
    const file = assetPath('templates', 'csv', `accounts-${flags.type ?? 'sip'}.csv`);
    await this.writeTo(flags.out, createReadStream(file));
    return undefined;
  }
}
