import { PhonectlCommand } from '../../cli/base.ts';
import { contextColumns } from '../../cli/context-columns.ts';
import { type ContextEntry, listContexts } from '../../cli/contexts.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';

export default class ContextList extends PhonectlCommand<readonly ContextEntry[]> {
  static override usesSdk = false;
  static override summary = 'Lists the servers elsewhere, and the home of this machine.';
  static override examples = ['phonectl context list', 'phonectl context list --json'];
  static override flags = listFlags;
  static override view = listView<ContextEntry>(contextColumns);

  override async run(): Promise<readonly ContextEntry[]> {
    await this.parse(ContextList);
    return listContexts(process.env);
  }
}
