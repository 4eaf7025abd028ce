import { string } from '@oclif/core/args';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import type { User } from '../../sdk/users/users.ts';

export default class UserFreeze extends PhonectlCommand<User> {
  static override summary = 'Freezes a user: nothing of theirs works any more.';
  static override description = 'Live sessions end within a second.';
  static override examples = ['phonectl user freeze ada@example.net', 'phonectl user freeze ada@example.net --json'];
  static override args = { user: string({ required: true, description: 'E-mail address.' }) };
  static override flags = writeFlags;
  static override view = doneView<User>(({ email }) => `User ${email} is frozen.`);

  override async run(): Promise<User> {
    const { args, flags } = await this.parse(UserFreeze);
    return await this.phonectl.users.freeze({ user: args.user, dryRun: flags['dry-run'] }, { signal: this.signal });
  }
}
