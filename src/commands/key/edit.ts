import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { EditedKey } from '../../sdk/keys/callback-addresses.ts';

export default class KeyEdit extends PhonectlCommand<EditedKey> {
  static override summary = 'Sets or removes the callback address of an access key.';
  static override description =
    'What ended (tasks, packet captures) is posted there as JSON, signed as Standard Webhooks are, as far as the roles of ' +
    'the key may see it. See `phonectl docs api`.';
  static override examples = [
    'phonectl key edit crm --callback https://crm.example.net/phones',
    "phonectl key edit crm --callback ''",
  ];
  static override args = { key: stringArg({ required: true, description: 'Name or id.' }) };
  static override flags = {
    ...writeFlags,
    callback: string({ summary: 'Address (https), or empty for none.', helpValue: 'URL', required: true }),
  };
  static override view = textView<EditedKey>(({ name, callback, callbackSecret }, style) => [
    `${style.paint('green', style.symbol('ok'))} Access key ${cleanText(name)} ${
      callback === null ? 'has no callback address any more' : `is told at ${cleanText(callback)}`
    }.`,
    ...(callbackSecret === null ? [] : [`  callbacks are signed with  ${callbackSecret}`]),
  ]);

  override async run(): Promise<EditedKey> {
    const { args, flags } = await this.parse(KeyEdit);
    return await this.phonectl.keys.edit(
      { key: args.key, callback: flags.callback, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
