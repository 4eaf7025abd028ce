import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { Permission } from '../../sdk/roles/roles.ts';

export default class RolePermissions extends PhonectlCommand<AsyncIterable<Permission>> {
  static override summary = 'Lists every permission and the operations that need it.';
  static override examples = ['phonectl role permissions', 'phonectl role permissions --search device --json'];
  static override flags = listFlags;
  static override view = listView<Permission>([
    { name: 'permission' },
    { name: 'effects', kind: 'list', priority: 2 },
    { name: 'operations', kind: 'list', priority: 1 },
  ]);

  override async run(): Promise<AsyncIterable<Permission>> {
    await this.parse(RolePermissions);
    return this.phonectl.roles.permissions({}, { signal: this.signal });
  }
}
