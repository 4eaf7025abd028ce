import { string } from '@oclif/core/args';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import type { User } from '../../sdk/users/users.ts';

export default class UserUnlock extends PhonectlCommand<User> {
  static override summary = 'Ends the lock of a user after too many wrong passwords.';
  static override examples = ['phonectl user unlock ada@example.net', 'phonectl user unlock ada@example.net --json'];
  static override args = { user: string({ required: true, description: 'E-mail address.' }) };
  static override flags = writeFlags;
  static override view = doneView<User>(({ email }) => `User ${email} is unlocked.`);

  override async run(): Promise<User> {
    const { args, flags } = await this.parse(UserUnlock);
    return await this.phonectl.users.unlock({ user: args.user, dryRun: flags['dry-run'] }, { signal: this.signal });
  }
}
