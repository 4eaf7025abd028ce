import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { cleanText } from '../../cli/text.ts';
import { UsageValueError } from '../../cli/usage-error.ts';
import { textView } from '../../cli/view.ts';
import type { EditedKey } from '../../sdk/keys/edit.ts';

export default class KeyEdit extends PhonectlCommand<EditedKey> {
  static override summary = 'Changes an access key, at once for everybody who uses it; never its secret.';
  static override description =
    'What is not given stays. Nobody gives a key more than they have: roles, time and networks are those of whoever edits, at ' +
    'most. What ended (tasks, packet captures) is posted to the callback address as JSON, signed as Standard Webhooks are, as ' +
    'far as the roles of the key may see it. See `phonectl docs api`.';
  static override examples = [
    'phonectl key edit ci --expires 90d --from 10.20.0.0/16',
    'phonectl key edit helpdesk --role helpdesk --role reader',
    'phonectl key edit crm --callback https://crm.example.net/phones',
    "phonectl key edit crm --callback '' --expires ''",
  ];
  static override args = { key: stringArg({ required: true, description: 'Name or id.' }) };
  static override flags = {
    ...writeFlags,
    role: string({ summary: 'Roles in place of the present ones. Repeatable.', helpValue: 'ROLE', multiple: true }),
    name: string({ summary: 'New name.', helpValue: 'NAME' }),
    description: string({ summary: 'What the key is for.', helpValue: 'TEXT' }),
    expires: string({
      summary: 'When it ends: 2027-01-31, or 90d from now; empty for never.',
      helpValue: 'TIME',
    }),
    from: string({
      summary: 'Networks in place of the present ones; empty for everywhere. Repeatable.',
      helpValue: 'CIDR',
      multiple: true,
    }),
    callback: string({ summary: 'Address (https), or empty for none.', helpValue: 'URL' }),
  };
  static override view = textView<EditedKey>(({ name, callbackSecret }, style) => [
    `${style.paint('green', style.symbol('ok'))} Access key ${cleanText(name)} changed.`,
    ...(callbackSecret === null ? [] : [`  callbacks are signed with  ${callbackSecret}`]),
  ]);

  override async run(): Promise<EditedKey> {
    const { args, flags } = await this.parse(KeyEdit);
    const { role: roles, name, description, expires, callback } = flags;
    const from = flags.from?.filter((network) => network !== '');
    const changes = { roles, name, description, expires, from, callback };
    if (Object.values(changes).every((change) => change === undefined)) {
      throw new UsageValueError('Nothing to change was given.');
    }
    return await this.phonectl.keys.edit(
      { key: args.key, ...changes, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
