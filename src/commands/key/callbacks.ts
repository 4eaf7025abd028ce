import { string as stringArg } from '@oclif/core/args';
import { callbackColumns } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { Callback } from '../../sdk/keys/callback-addresses.ts';

export default class KeyCallbacks extends PhonectlCommand<AsyncIterable<Callback>> {
  static override summary = 'Lists what was told to callback addresses, newest first, and how it went.';
  static override description =
    'The last thousand of thirty days. What was not taken is sent again for a day and a half, then it counts as failed.';
  static override examples = ['phonectl key callbacks', 'phonectl key callbacks crm --filter state=failed --json'];
  static override args = { key: stringArg({ description: 'Name or id; all of them without one.' }) };
  static override flags = listFlags;
  static override view = listView<Callback>(callbackColumns, {
    empty: 'Nothing was told to anybody. Give a key an address: phonectl key edit NAME --callback URL',
  });

  override async run(): Promise<AsyncIterable<Callback>> {
    const { args } = await this.parse(KeyCallbacks);
    return this.phonectl.keys.callbacks({ key: args.key }, { signal: this.signal });
  }
}
