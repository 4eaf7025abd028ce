import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../../cli/base.ts';
import { requiredDeviceArg } from '../../../cli/selector.ts';
import { listView } from '../../../cli/view.ts';
import type { ShownCredential } from '../../../sdk/enrolment/credentials.ts';

export default class DeviceCredentialsShow extends PhonectlCommand<readonly ShownCredential[]> {
  static override summary = 'Shows what a device logs in with, and what we log in to it with.';
  static override description =
    'provisioning is its login at this server, admin its web password, event the secret in its callback URL. They are ' +
    'made when they are first needed.';
  static override examples = [
    'phonectl device credentials show reception',
    'phonectl device credentials show 00:04:f2:ab:cd:ef --reveal --json',
  ];
  static override args = requiredDeviceArg;
  static override flags = { reveal: boolean({ summary: 'Show the passwords; this is recorded.' }) };
  static override view = listView<ShownCredential>(
    [
      { name: 'purpose' },
      { name: 'username' },
      { name: 'password' },
      { name: 'createdAt', header: 'SINCE', kind: 'time' },
      { name: 'lastUsedAt', header: 'LAST USED', kind: 'time' },
      { name: 'previousUntil', header: 'OLD ONE GOOD UNTIL', kind: 'time', priority: 4 },
      { name: 'device', extra: true },
      { name: 'firstUsedAt', header: 'FIRST USED', kind: 'time', extra: true },
    ],
    { empty: 'It has none yet: they are made when it first comes.' },
  );

  override async run(): Promise<readonly ShownCredential[]> {
    const { args, flags } = await this.parse(DeviceCredentialsShow);
    const [device = ''] = await this.references([args.device]);
    return await this.phonectl.enrolments.showCredentials({ device, reveal: flags.reveal });
  }
}
