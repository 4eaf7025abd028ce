import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { ACCOUNT_TYPES } from '../../cli/account-flags.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { ACCOUNT_COLUMNS } from '../../cli/columns/accounts.ts';
import { choice, viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { Account } from '../../sdk/accounts/account.ts';

const COLUMNS = ACCOUNT_COLUMNS.map(({ extra: _, ...column }) => column);

export default class AccountShow extends PhonectlCommand<Account | Account[]> {
  static override summary = 'Shows accounts with everything that is known of them.';
  static override examples = [
    'phonectl account show 1001',
    'phonectl account show sip/1001 --json',
    'phonectl account show 1001 --reveal',
  ];
  static override args = {
    accounts: string({
      multiple: true,
      required: true,
      description: 'Name, type/name or id; - reads them from stdin.',
    }),
  };
  static override flags = {
    ...viewFlags,
    type: choice(ACCOUNT_TYPES, { char: 't', summary: 'Type, where a name is used by several.' }),
    reveal: boolean({ summary: 'Show the password; this is recorded.' }),
  };

  override async run(): Promise<Account | Account[]> {
    const { args, flags } = await this.parse(AccountShow);
    this.view(showView<Account>(flags.reveal ? [...COLUMNS, { name: 'password' }] : COLUMNS));
    const found: Account[] = [];
    for (const account of await this.references(args.accounts)) {
      found.push(
        await this.phonectl.accounts.show({ account, type: flags.type, reveal: flags.reveal }, { signal: this.signal }),
      );
    }
    return found.length === 1 ? found[0]! : found;
  }
}
