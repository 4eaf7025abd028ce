import { integer, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../../cli/base.ts';
import { MAIL_COLUMNS } from '../../../cli/columns/mail.ts';
import { choice, viewFlags, writeFlags } from '../../../cli/flags.ts';
import { readSecret, secretFlags } from '../../../cli/secrets.ts';
import { showView } from '../../../cli/view.ts';
import type { MailSettings } from '../../../sdk/mail/settings.ts';

export default class SettingsMailEdit extends PhonectlCommand<MailSettings> {
  static override summary = 'Sets the mail server that first passwords and reset tokens go through.';
  static override description =
    'Without one, mail waits in the outbox (`phonectl user outbox`). With one, `phonectl serve` sends it within seconds. ' +
    'Certificates are checked, and a password is never sent in the clear. An empty --host takes it away, an empty --user ' +
    'the login.';
  static override examples = [
    'phonectl settings mail edit --host smtp.example.net --from phones@example.net',
    'phonectl settings mail edit --host smtp.example.net --security tls --from phones@example.net --user phones --password-file password.txt',
    "phonectl settings mail edit --host ''",
  ];
  static override flags = {
    ...viewFlags,
    ...writeFlags,
    host: string({ summary: 'Name of the mail server.', helpValue: 'HOST' }),
    port: integer({ summary: 'Its port: 465 with tls, 587 with starttls, 25 with none.', helpValue: 'N', min: 1 }),
    security: choice(['tls', 'starttls', 'none'], { summary: 'How the connection is protected; starttls by default.' }),
    from: string({ summary: 'Address that mail comes from.', helpValue: 'EMAIL' }),
    user: string({ summary: 'User name there.', helpValue: 'NAME' }),
    ...secretFlags('password', 'password there'),
  };
  static override view = showView<MailSettings>(MAIL_COLUMNS);

  override async run(): Promise<MailSettings> {
    const { flags } = await this.parse(SettingsMailEdit);
    const password = await readSecret(this.prompts, flags, 'password');
    const { host, port, security, from, user } = flags;
    return await this.phonectl.settings.editMail(
      { host, port, security, from, user, password, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
