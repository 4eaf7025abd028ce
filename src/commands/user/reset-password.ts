import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { UserWithMail } from '../../sdk/users/users.ts';

export default class UserResetPassword extends PhonectlCommand<UserWithMail> {
  static override summary = 'Gives a user a random password, to be changed at the next login.';
  static override description = 'It is put into the outbox (`phonectl user outbox`); every session of the user ends.';
  static override examples = [
    'phonectl user reset-password ada@example.net',
    'phonectl user reset-password ada@example.net --json',
  ];
  static override args = { user: string({ required: true, description: 'E-mail address.' }) };
  static override flags = writeFlags;
  static override view = textView<UserWithMail>((user, style) => [
    `${style.paint('green', style.symbol('ok'))} User ${cleanText(user.email)} has a new password.`,
    ...(user.mail === null ? [] : [`It is in the outbox: phonectl user outbox ${user.mail}`]),
  ]);

  override async run(): Promise<UserWithMail> {
    const { args, flags } = await this.parse(UserResetPassword);
    return await this.phonectl.users.resetPassword(
      { user: args.user, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
