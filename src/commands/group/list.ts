import { PhonectlCommand } from '../../cli/base.ts';
import { GROUP_COLUMNS } from '../../cli/columns/groups.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { Group } from '../../sdk/groups/group.ts';

export default class GroupList extends PhonectlCommand<AsyncIterable<Group>> {
  static override summary = 'Lists the device groups, highest first.';
  static override examples = ['phonectl group list', 'phonectl group list --search lobby --json'];
  static override aliases = ['group:ls'];
  static override flags = listFlags;
  static override view = listView<Group>(GROUP_COLUMNS, {
    empty: 'No groups fit. Add one: phonectl group add NAME',
    sdk: ['search', 'sort', 'limit'],
  });

  override async run(): Promise<AsyncIterable<Group>> {
    await this.parse(GroupList);
    return this.phonectl.groups.list(this.query(), { signal: this.signal });
  }
}
