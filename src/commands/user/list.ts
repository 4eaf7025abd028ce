import { userColumns } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { User } from '../../sdk/users/users.ts';

export default class UserList extends PhonectlCommand<AsyncIterable<User>> {
  static override summary = 'Lists the users.';
  static override examples = ['phonectl user list', 'phonectl user list --search berlin --json'];
  static override flags = listFlags;
  static override view = listView<User>(userColumns, {
    empty: 'No users. Add one: phonectl user add EMAIL --role ROLE',
  });

  override async run(): Promise<AsyncIterable<User>> {
    await this.parse(UserList);
    return this.phonectl.users.list({}, { signal: this.signal });
  }
}
