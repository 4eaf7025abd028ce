import { PhonectlCommand } from '../../../cli/base.ts';
import { MAIL_COLUMNS } from '../../../cli/columns/mail.ts';
import { viewFlags } from '../../../cli/flags.ts';
import { showView } from '../../../cli/view.ts';
import type { MailSettings } from '../../../sdk/mail/settings.ts';

export default class SettingsMailShow extends PhonectlCommand<MailSettings> {
  static override summary = 'Shows which mail server mail is handed to; never the password.';
  static override examples = ['phonectl settings mail show', 'phonectl settings mail show --json'];
  static override flags = viewFlags;
  static override view = showView<MailSettings>(MAIL_COLUMNS);

  override async run(): Promise<MailSettings> {
    await this.parse(SettingsMailShow);
    return await this.phonectl.settings.mail({}, { signal: this.signal });
  }
}
