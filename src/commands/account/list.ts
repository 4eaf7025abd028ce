import { string } from '@oclif/core/flags';
import { ACCOUNT_TYPES } from '../../cli/account-flags.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { ACCOUNT_COLUMNS } from '../../cli/columns/accounts.ts';
import { choice, listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { Account } from '../../sdk/accounts/account.ts';

export default class AccountList extends PhonectlCommand<AsyncIterable<Account>> {
  static override summary = 'Lists the accounts; never with passwords.';
  static override examples = [
    'phonectl account list',
    'phonectl account list --type sip --site Berlin',
    'phonectl account list --search 1001 --json',
  ];
  static override aliases = ['account:ls'];
  static override flags = {
    ...listFlags,
    type: choice(ACCOUNT_TYPES, { char: 't', summary: 'Only accounts of this type.' }),
    site: string({ summary: 'Only accounts of this site.', helpValue: 'SITE' }),
  };
  static override view = listView<Account>(ACCOUNT_COLUMNS, {
    empty: 'No accounts fit. Add one: phonectl account add NAME --type sip --username U --server HOST',
    sdk: ['search', 'sort', 'limit'],
  });

  override async run(): Promise<AsyncIterable<Account>> {
    const { flags } = await this.parse(AccountList);
    return this.phonectl.accounts.list(
      { ...this.query(), type: flags.type, site: flags.site },
      { signal: this.signal },
    );
  }
}
