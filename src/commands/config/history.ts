import { PhonectlCommand } from '../../cli/base.ts';
import { revisionColumns } from '../../cli/columns/history.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { Revision } from '../../sdk/history/read.ts';

export default class ConfigHistory extends PhonectlCommand<AsyncIterable<Revision>> {
  static override summary = 'Lists the changes of profiles and assignments, newest first.';
  static override description =
    'Each one has a number. `phonectl config show REV` says what it changed, `phonectl config rollback REV` goes back to it.';
  static override examples = ['phonectl config history', 'phonectl config history --filter author=ada --json'];
  static override flags = listFlags;
  static override view = listView<Revision>(revisionColumns, {
    empty: 'The configuration has not been changed yet. Begin: phonectl profile add NAME --vendor VENDOR',
  });

  override async run(): Promise<AsyncIterable<Revision>> {
    await this.parse(ConfigHistory);
    return this.phonectl.configs.history({}, { signal: this.signal });
  }
}
