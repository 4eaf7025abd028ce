import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import type { User } from '../../sdk/users/users.ts';

export default class UserEdit extends PhonectlCommand<User> {
  static override summary = 'Changes a user.';
  static override examples = [
    'phonectl user edit ada@example.net --role helpdesk --role reader',
    'phonectl user edit ada@example.net --email ada@example.com --phone +4930123456',
  ];
  static override args = { user: stringArg({ required: true, description: 'E-mail address.' }) };
  static override flags = {
    ...writeFlags,
    role: string({ summary: 'Roles in place of the present ones. Repeatable.', helpValue: 'ROLE', multiple: true }),
    email: string({ summary: 'New e-mail address.', helpValue: 'EMAIL' }),
    name: string({ summary: 'Name of the person.', helpValue: 'TEXT' }),
    phone: string({ summary: 'Phone number.', helpValue: 'NUMBER' }),
    country: string({ summary: 'Country.', helpValue: 'TEXT' }),
  };
  static override view = doneView<User>(({ email }) => `User ${email} changed.`);

  override async run(): Promise<User> {
    const { args, flags } = await this.parse(UserEdit);
    const { email, name, phone, country, role: roles } = flags;
    return await this.phonectl.users.edit(
      { user: args.user, email, name, phone, country, roles, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
