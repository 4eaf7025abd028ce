import { roleColumns } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { Role } from '../../sdk/roles/roles.ts';

export default class RoleList extends PhonectlCommand<AsyncIterable<Role>> {
  static override summary = 'Lists the roles.';
  static override examples = ['phonectl role list', 'phonectl role list --json'];
  static override flags = listFlags;
  static override view = listView<Role>(roleColumns, { empty: 'No roles.' });

  override async run(): Promise<AsyncIterable<Role>> {
    await this.parse(RoleList);
    return this.phonectl.roles.list({}, { signal: this.signal });
  }
}
