import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { ACCOUNT_TYPES } from '../../cli/account-flags.ts';
import { choice } from '../../cli/flags.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { AccountsDeleted } from '../../sdk/accounts/write.ts';

export default class AccountDelete extends PushingCommand<AccountsDeleted> {
  static override summary = 'Deletes accounts.';
  static override description = 'An account that a device holds is deleted only with --unlink.';
  static override examples = [
    'phonectl account delete 1001',
    'phonectl account delete 1001 1002 --unlink --yes',
    'phonectl account list --search old- --output name | phonectl account delete - --yes',
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
    unlink: boolean({ summary: 'Take accounts off the lines of devices first.' }),
  };
  static override view = textView<AccountsDeleted>((result, style) =>
    result.deleted.map((name) => `${style.paint('green', style.symbol('ok'))} Account ${cleanText(name)} deleted.`),
  );

  override async run(): Promise<AccountsDeleted> {
    const { args, flags } = await this.parse(AccountDelete);
    const input = { accounts: await this.references(args.accounts), type: flags.type, unlink: flags.unlink };
    const plan = await this.phonectl.accounts.delete({ ...input, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    const { length } = plan.deleted;
    await this.confirm('destructive', length, `delete ${count(length, 'account')}, ${plan.unlinked} of them on a line`);
    return await this.phonectl.accounts.delete(input, { signal: this.signal });
  }
}
