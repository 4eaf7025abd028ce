import { string } from '@oclif/core/args';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import type { Key } from '../../sdk/keys/keys.ts';

export default class KeyRevoke extends PhonectlCommand<Key> {
  static override summary = 'Ends an access key for good.';
  static override description = 'It is refused from the next request on, and what runs with it stops within a second.';
  static override examples = ['phonectl key revoke ci', 'phonectl key revoke pk_abcdefghijklmnop --yes'];
  static override args = { key: string({ required: true, description: 'Name or id.' }) };
  static override flags = writeFlags;
  static override view = doneView<Key>(({ name }) => `Access key ${name} revoked.`);

  override async run(): Promise<Key> {
    const { args, flags } = await this.parse(KeyRevoke);
    const key = await this.phonectl.keys.revoke({ key: args.key, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return key;
    await this.confirm('destructive', 1, `revoke the access key ${key.name}`);
    return await this.phonectl.keys.revoke({ key: args.key }, { signal: this.signal });
  }
}
