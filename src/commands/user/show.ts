import { string } from '@oclif/core/args';
import { userColumns } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { User } from '../../sdk/users/users.ts';

export default class UserShow extends PhonectlCommand<User> {
  static override summary = 'Shows a user.';
  static override examples = ['phonectl user show ada@example.net', 'phonectl user show ada@example.net --json'];
  static override args = { user: string({ required: true, description: 'E-mail address.' }) };
  static override flags = viewFlags;
  static override view = showView<User>(userColumns.map((column) => ({ ...column, extra: false })));

  override async run(): Promise<User> {
    const { args } = await this.parse(UserShow);
    return await this.phonectl.users.show({ user: args.user }, { signal: this.signal });
  }
}
