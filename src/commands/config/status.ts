import { PhonectlCommand } from '../../cli/base.ts';
import { LOOP_COLUMNS } from '../../cli/columns/loop.ts';
import { listFlags } from '../../cli/flags.ts';
import { deviceArgs, selectorFlags, toSelector } from '../../cli/selector.ts';
import { listView } from '../../cli/view.ts';
import type { ConfigStatus as Status } from '../../sdk/push/read.ts';

export default class ConfigStatus extends PhonectlCommand<AsyncIterable<Status>> {
  static override summary = 'Shows which devices were served and run what they should.';
  static override description =
    'No phone is asked: what was seen last counts. `running` was read back from the phone, `served` was fetched by one ' +
    'that cannot be asked, `pending` gets it at its next contact, `differs` runs something else.';
  static override examples = [
    'phonectl config status --site Berlin',
    'phonectl config status --filter state=pending',
    'phonectl config status reception --json',
  ];
  static override args = deviceArgs;
  static override flags = { ...listFlags, ...selectorFlags };
  static override view = listView<Status>(LOOP_COLUMNS, { empty: 'No devices yet. Add some: phonectl device import' });

  override async run(): Promise<AsyncIterable<Status>> {
    const { args, flags } = await this.parse(ConfigStatus);
    const selector = toSelector(flags, await this.references(args.devices));
    return this.phonectl.pushes.status({ selector }, { signal: this.signal });
  }
}
