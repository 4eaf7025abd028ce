import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { describeFlags, listViews, type SavedView } from '../../cli/saved-views.ts';
import { listView } from '../../cli/view.ts';

export default class ViewList extends PhonectlCommand<readonly SavedView[]> {
  static override usesSdk = false;
  static override summary = 'Lists the saved views of lists.';
  static override description = 'They belong to you and this machine, not to a fleet.';
  static override examples = ['phonectl view list', 'phonectl view list --json'];
  static override flags = listFlags;
  static override view = listView<SavedView>(
    [
      { name: 'name' },
      { name: 'list' },
      { name: 'inForce', header: 'IN FORCE', kind: 'flag' },
      { name: 'flags', get: ({ flags }) => describeFlags(flags) },
    ],
    { empty: 'No views yet. Keep one: phonectl device list --site Berlin --save-view berlin' },
  );

  override async run(): Promise<readonly SavedView[]> {
    await this.parse(ViewList);
    return listViews(process.env);
  }
}
