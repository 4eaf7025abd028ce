import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { cleanText, count } from '../../cli/text.ts';
import { listView, textView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { MailHead } from '../../sdk/mail/outbox.ts';
import type { SentMails } from '../../sdk/mail/sending.ts';

export default class UserOutbox extends PhonectlCommand<readonly MailHead[] | SentMails | string> {
  static override local = true;
  static override summary = 'Lists the mails that wait to be handed on, or prints one.';
  static override description =
    'First passwords and reset tokens are in these mails, so the list does not show what they say; printing one is ' +
    'recorded. They are files in the folder outbox of the home. Where a mail server is set (`phonectl settings mail edit`), ' +
    '`phonectl serve` sends them, and --send does it now.';
  static override examples = [
    'phonectl user outbox',
    'phonectl user outbox 1795305600000-0123456789ab',
    'phonectl user outbox --send',
  ];
  static override args = { mail: string({ description: 'Id of the mail to print.' }) };
  static override flags = { ...listFlags, send: boolean({ summary: 'Hand them to the mail server now.' }) };
  static override view = listView<MailHead>(
    [{ name: 'id' }, { name: 'at', header: 'WRITTEN', kind: 'time' }, { name: 'to' }, { name: 'subject' }],
    { empty: 'No mail is waiting.' },
  );

  override async run(): Promise<readonly MailHead[] | SentMails | string> {
    const { args, flags } = await this.parse(UserOutbox);
    if (flags.send) {
      this.view(textView<SentMails>(sentLines, ({ failed }) => (failed.length > 0 ? EXIT.failed : EXIT.ok)));
      return await this.phonectl.users.sendMails({}, { signal: this.signal });
    }
    if (args.mail === undefined) return await this.phonectl.users.outbox({}, { signal: this.signal });
    this.view(textView<string>((text) => text.replaceAll('\r\n', '\n').split('\n')));
    return await this.phonectl.users.mail({ id: args.mail }, { signal: this.signal });
  }
}

function sentLines({ sent, failed }: SentMails): string[] {
  return [`${count(sent, 'mail')} sent.`, ...failed.map(({ id, problem }) => `${id}: ${cleanText(problem)}`)];
}
