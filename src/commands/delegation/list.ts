import { delegationColumns } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { Delegation } from '../../sdk/delegations/delegations.ts';

export default class DelegationList extends PhonectlCommand<AsyncIterable<Delegation>> {
  static override summary = 'Lists who acts in the name of the enterprise from outside.';
  static override examples = ['phonectl delegation list', 'phonectl delegation list --filter state=active --json'];
  static override flags = listFlags;
  static override view = listView<Delegation>(delegationColumns, {
    empty: 'Nobody outside acts for you. Let somebody in: phonectl delegation grant EMAIL',
  });

  override async run(): Promise<AsyncIterable<Delegation>> {
    await this.parse(DelegationList);
    return this.phonectl.delegations.list({}, { signal: this.signal });
  }
}
