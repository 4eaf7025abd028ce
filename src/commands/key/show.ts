import { string } from '@oclif/core/args';
import { keyColumns } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { Key } from '../../sdk/keys/keys.ts';

export default class KeyShow extends PhonectlCommand<Key> {
  static override summary = 'Shows an access key, never its secret.';
  static override examples = ['phonectl key show ci', 'phonectl key show pk_abcdefghijklmnop --json'];
  static override args = { key: string({ required: true, description: 'Name or id.' }) };
  static override flags = viewFlags;
  static override view = showView<Key>(keyColumns.map((column) => ({ ...column, extra: false })));

  override async run(): Promise<Key> {
    const { args } = await this.parse(KeyShow);
    return await this.phonectl.keys.show({ key: args.key }, { signal: this.signal });
  }
}
