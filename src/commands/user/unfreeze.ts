import { string } from '@oclif/core/args';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import type { User } from '../../sdk/users/users.ts';

export default class UserUnfreeze extends PhonectlCommand<User> {
  static override summary = 'Lets a frozen user in again.';
  static override examples = [
    'phonectl user unfreeze ada@example.net',
    'phonectl user unfreeze ada@example.net --json',
  ];
  static override args = { user: string({ required: true, description: 'E-mail address.' }) };
  static override flags = writeFlags;
  static override view = doneView<User>(({ email }) => `User ${email} is active again.`);

  override async run(): Promise<User> {
    const { args, flags } = await this.parse(UserUnfreeze);
    return await this.phonectl.users.unfreeze({ user: args.user, dryRun: flags['dry-run'] }, { signal: this.signal });
  }
}
