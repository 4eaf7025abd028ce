import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { readSecret, secretFlags } from '../../cli/secrets.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { UserWithMail } from '../../sdk/users/users.ts';

export default class UserAdd extends PhonectlCommand<UserWithMail> {
  static override summary = 'Adds a user who signs in with a password.';
  static override description =
    'Without a password a random one is put into the outbox (`phonectl user outbox`). Either has to be changed at the ' +
    'first login.';
  static override examples = [
    'phonectl user add ada@example.net --role helpdesk --name "Ada Lovelace"',
    'phonectl user add ada@example.net --role super --password-stdin < password.txt',
  ];
  static override args = { email: stringArg({ required: true, description: 'E-mail address.' }) };
  static override flags = {
    ...writeFlags,
    ...secretFlags('password', 'password'),
    role: string({ summary: 'Role of the user. Repeatable.', helpValue: 'ROLE', multiple: true, required: true }),
    name: string({ summary: 'Name of the person.', helpValue: 'TEXT' }),
    phone: string({ summary: 'Phone number.', helpValue: 'NUMBER' }),
    country: string({ summary: 'Country.', helpValue: 'TEXT' }),
  };
  static override view = textView<UserWithMail>((user, style) => [
    `${style.paint('green', style.symbol('ok'))} User ${cleanText(user.email)} added.`,
    ...(user.mail === null ? [] : [`The first password is in the outbox: phonectl user outbox ${user.mail}`]),
  ]);

  override async run(): Promise<UserWithMail> {
    const { args, flags } = await this.parse(UserAdd);
    const { name, phone, country } = flags;
    const password = await readSecret(this.prompts, flags, 'password');
    return await this.phonectl.users.add(
      { email: args.email, roles: flags.role, name, phone, country, password, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
