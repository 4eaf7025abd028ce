/** How the settings of the mail server look. */
import type { MailSettings } from '../../sdk/mail/settings.ts';
import type { Column } from '../view.ts';

export const MAIL_COLUMNS: readonly Column<MailSettings>[] = [
  { name: 'host' },
  { name: 'port', kind: 'number' },
  { name: 'security' },
  { name: 'from' },
  { name: 'user' },
  { name: 'password' },
];
