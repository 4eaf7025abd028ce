import { boolean, string } from '@oclif/core/flags';
import { pushFlags } from '../../../cli/pushing.ts';
import { PushingCommand } from '../../../cli/pushing-command.ts';
import { readSecret, secretFlags } from '../../../cli/secrets.ts';
import { UsageValueError } from '../../../cli/usage-error.ts';
import { textView } from '../../../cli/view.ts';
import type { AccountWritten } from '../../../sdk/settings/provisioning.ts';

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export default class SettingsProvisioningAccount extends PushingCommand<AccountWritten> {
  static override summary = 'Sets the provisioning account, or gives it a new password.';
  static override description =
    'Without a password phonectl makes one. With --grace the old one works for that long; who still shows it stands in ' +
    '`phonectl device list --attention` until it shows the new one.';
  static override examples = [
    'phonectl settings provisioning account --rotate --grace 24h --reveal',
    'phonectl settings provisioning account --user provision --password-file ./password --dry-run',
  ];
  static override flags = {
    ...pushFlags,
    ...secretFlags('password', 'password of the account'),
    user: string({ summary: 'User name of the account.', helpValue: 'NAME' }),
    rotate: boolean({ summary: 'Give it a new, random password.', exclusive: ['password-file', 'password-stdin'] }),
    grace: string({ summary: 'How long the old password still works: 90m, 24h, 7d.', helpValue: 'TIME' }),
    reveal: boolean({ summary: 'Show the new password; this is recorded.' }),
  };
  static override view = textView<AccountWritten>(({ username, password, previousUntil }, style) => [
    `${style.paint('green', style.symbol('ok'))} Provisioning account ${username}${password === null ? '' : `: ${password}`}`,
    ...(previousUntil === null ? [] : [`The old password works until ${previousUntil}.`]),
  ]);

  override async run(): Promise<AccountWritten> {
    const { flags } = await this.parse(SettingsProvisioningAccount);
    const password = flags.rotate ? undefined : await readSecret(this.prompts, flags, 'password');
    if (password === undefined && !flags.rotate && flags.user === undefined) {
      throw new UsageValueError('Give --rotate, or a password by --password-stdin or --password-file.');
    }
    const grace = graceOf(flags.grace);
    if (!flags['dry-run']) await this.confirm('destructive', 1, 'replace the password of the provisioning account');
    return await this.phonectl.settings.provisioningAccount(
      { username: flags.user, password, grace, reveal: flags.reveal, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}

function graceOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d{1,4})([mhd])$/.exec(text);
  if (match === null) throw new UsageValueError('--grace wants a time such as 90m, 24h or 7d.');
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}
