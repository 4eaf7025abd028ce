import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView, textView } from '../../cli/view.ts';
import type { MailHead } from '../../sdk/users/outbox.ts';

export default class UserOutbox extends PhonectlCommand<readonly MailHead[] | string> {
  static override local = true;
  static override summary = 'Lists the mails that wait to be handed on, or prints one.';
  static override description =
    'First passwords and reset tokens are in these mails, so the list does not show what they say; printing one is ' +
    'recorded. They are files in the folder outbox of the home.';
  static override examples = ['phonectl user outbox', 'phonectl user outbox 1795305600000-0123456789ab'];
  static override args = { mail: string({ description: 'Id of the mail to print.' }) };
  static override flags = listFlags;
  static override view = listView<MailHead>(
    [{ name: 'id' }, { name: 'at', header: 'WRITTEN', kind: 'time' }, { name: 'to' }, { name: 'subject' }],
    { empty: 'No mail is waiting.' },
  );

  override async run(): Promise<readonly MailHead[] | string> {
    const { args } = await this.parse(UserOutbox);
    if (args.mail === undefined) return await this.phonectl.users.outbox({}, { signal: this.signal });
    this.view(textView<string>((text) => text.replaceAll('\r\n', '\n').split('\n')));
    return await this.phonectl.users.mail({ id: args.mail }, { signal: this.signal });
  }
}
