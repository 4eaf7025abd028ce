import { PhonectlCommand } from '../../../cli/base.ts';
import { GROUP_COLUMNS } from '../../../cli/columns/groups.ts';
import { viewFlags } from '../../../cli/flags.ts';
import { listView } from '../../../cli/view.ts';
import type { Group } from '../../../sdk/groups/group.ts';

export default class GroupDefaultShow extends PhonectlCommand<AsyncIterable<Group>> {
  static override summary = 'Lists the groups that auto-added devices get, in their order.';
  static override description = 'Devices of an import get only the groups of their row.';
  static override examples = ['phonectl group default show', 'phonectl group default show --json'];
  static override flags = viewFlags;
  static override view = listView<Group>(GROUP_COLUMNS, { empty: 'There are no default groups.' });

  override async run(): Promise<AsyncIterable<Group>> {
    await this.parse(GroupDefaultShow);
    return this.phonectl.groups.defaults({}, { signal: this.signal });
  }
}
