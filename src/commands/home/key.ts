import { PhonectlCommand } from '../../cli/base.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { KeyFacts } from '../../sdk/home-admin/key.ts';

export default class HomeKey extends PhonectlCommand<KeyFacts> {
  static override local = true;
  static override summary = 'Says where the sealing key is. Keep a copy of it: no backup holds it.';
  static override examples = ['phonectl home key', 'phonectl home key --json'];
  static override flags = viewFlags;
  static override view = showView<KeyFacts>([
    { name: 'file' },
    { name: 'mode' },
    { name: 'fingerprint' },
    { name: 'by' },
  ]);

  override async run(): Promise<KeyFacts> {
    await this.parse(HomeKey);
    return await this.phonectl.homes.key({}, { signal: this.signal });
  }
}
