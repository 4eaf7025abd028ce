import { keyColumns } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { Key } from '../../sdk/keys/keys.ts';

export default class KeyList extends PhonectlCommand<AsyncIterable<Key>> {
  static override summary = 'Lists the access keys, never their secrets.';
  static override examples = ['phonectl key list', 'phonectl key list --filter state=active --json'];
  static override flags = listFlags;
  static override view = listView<Key>(keyColumns, {
    empty: 'No access keys. Make one: phonectl key create NAME --role ROLE',
  });

  override async run(): Promise<AsyncIterable<Key>> {
    await this.parse(KeyList);
    return this.phonectl.keys.list({}, { signal: this.signal });
  }
}
