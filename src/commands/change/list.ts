import { PhonectlCommand } from '../../cli/base.ts';
import { changeColumns } from '../../cli/columns/history.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { Change } from '../../sdk/history/changes.ts';

export default class ChangeList extends PhonectlCommand<AsyncIterable<Change>> {
  static override summary = 'Lists the changes that are being collected.';
  static override examples = ['phonectl change list', 'phonectl change list --json'];
  static override flags = listFlags;
  static override view = listView<Change>(changeColumns, {
    empty: 'No changes. Begin one: phonectl profile set PROFILE NAME=VALUE --change NAME',
  });

  override async run(): Promise<AsyncIterable<Change>> {
    await this.parse(ChangeList);
    return this.phonectl.changes.list({}, { signal: this.signal });
  }
}
