import { string } from '@oclif/core/args';
import { boolean, string as stringFlag } from '@oclif/core/flags';
import { ACCOUNT_TYPES, accountFlags, accountInput, accountsWrittenView } from '../../cli/account-flags.ts';
import { choice } from '../../cli/flags.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { readSecret } from '../../cli/secrets.ts';
import { UsageValueError } from '../../cli/usage-error.ts';
import type { AccountsWritten } from '../../sdk/accounts/write.ts';

export default class AccountEdit extends PushingCommand<AccountsWritten> {
  static override summary = 'Changes accounts; the phones that hold them get the change at their next poll.';
  static override examples = [
    'phonectl account edit 1001 --display-name "Anna Berg"',
    'phonectl account edit 1001 1002 --server sip2.example.com --transport tls',
    'phonectl account edit 1001 --password-stdin < secret',
  ];
  static override args = {
    accounts: string({
      multiple: true,
      required: true,
      description: 'Name, type/name or id; - reads them from stdin.',
    }),
  };
  static override flags = {
    ...pushFlags,
    type: choice(ACCOUNT_TYPES, { char: 't', summary: 'Type, where a name is used by several.' }),
    name: stringFlag({ summary: 'New name; only for one account.', helpValue: 'NAME' }),
    ...accountFlags,
    'clear-password': boolean({ summary: 'Take the password away.', exclusive: ['password-stdin', 'password-file'] }),
  };
  static override view = accountsWrittenView('changed');

  override async run(): Promise<AccountsWritten> {
    const { args, flags } = await this.parse(AccountEdit);
    const password = flags['clear-password'] ? null : await readSecret(this.prompts, flags, 'password');
    const changes = { ...accountInput(flags, password), ...(flags.name !== undefined && { name: flags.name }) };
    if (Object.keys(changes).length === 0) throw new UsageValueError('Nothing to change was given.');
    const accounts = await this.references(args.accounts);
    return await this.phonectl.accounts.edit(
      { accounts, type: flags.type, ...changes, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
