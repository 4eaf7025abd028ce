import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { newKeyView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import type { NewKey } from '../../sdk/keys/keys.ts';

export default class KeyRotate extends PhonectlCommand<NewKey> {
  static override summary = 'Gives an access key a new secret and prints it, once.';
  static override description = 'The old secret stays good for a day, or as long as --grace says; 0m ends it at once.';
  static override examples = ['phonectl key rotate ci --json', 'phonectl key rotate ci --grace 0m'];
  static override args = { key: stringArg({ required: true, description: 'Name or id.' }) };
  static override flags = {
    ...writeFlags,
    grace: string({ summary: 'How long the old secret stays good.', helpValue: 'TIME', default: '24h' }),
  };
  static override view = newKeyView('renewed');

  override async run(): Promise<NewKey> {
    const { args, flags } = await this.parse(KeyRotate);
    return await this.phonectl.keys.rotate(
      { key: args.key, grace: flags.grace, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
