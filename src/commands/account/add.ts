import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { ACCOUNT_TYPES, accountFlags, accountInput, accountsWrittenView } from '../../cli/account-flags.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { choice, writeFlags } from '../../cli/flags.ts';
import { readJsonLines } from '../../cli/json-lines.ts';
import { readSecret } from '../../cli/secrets.ts';
import { UsageValueError } from '../../cli/usage-error.ts';
import type { AccountsWritten, NewAccount } from '../../sdk/accounts/write.ts';

export default class AccountAdd extends PhonectlCommand<AccountsWritten> {
  static override summary = 'Adds accounts.';
  static override description =
    'Several names, or JSON lines on stdin, are added all together or not at all. Without --username the name is the ' +
    'user name, too. Passwords come from stdin, a file or the JSON lines.';
  static override examples = [
    'phonectl account add 1001 --type sip --server sip.example.com --password-stdin < secret',
    'phonectl account add 1001 1002 1003 --type sip --server sip.example.com --site Berlin',
    `echo '{"type":"sip","name":"1004","username":"1004","server":"sip.example.com"}' | phonectl account add --stdin`,
  ];
  static override args = { names: string({ multiple: true, description: 'Names of the new accounts.' }) };
  static override flags = {
    ...writeFlags,
    type: choice(ACCOUNT_TYPES, { char: 't', summary: 'Type of the accounts; sip by default.' }),
    ...accountFlags,
    stdin: boolean({ summary: 'Read accounts as JSON lines from stdin.', exclusive: ['password-stdin'] }),
  };
  static override view = accountsWrittenView('added');

  override async run(): Promise<AccountsWritten> {
    const { args, flags } = await this.parse(AccountAdd);
    const names = args.names ?? [];
    if (names.length === 0 && !flags.stdin) throw new UsageValueError('Name at least one account, or give --stdin.');
    if (names.length > 1 && flags.username !== undefined) {
      throw new UsageValueError('--username is for one account only.', ['Leave it out: the names are the user names.']);
    }
    const fields = accountInput(flags, await readSecret(this.prompts, flags, 'password'));
    const type = flags.type ?? 'sip';
    const accounts = [
      ...names.map((name) => ({ username: name, ...fields, type, name })),
      ...(flags.stdin ? await readJsonLines<NewAccount>() : []),
    ];
    return await this.phonectl.accounts.add({ accounts, dryRun: flags['dry-run'] }, { signal: this.signal });
  }
}
