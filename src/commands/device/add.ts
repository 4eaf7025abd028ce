import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { deviceName } from '../../cli/columns/devices.ts';
import { described, describeFlags } from '../../cli/device-flags.ts';
import { writeFlags } from '../../cli/flags.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { DevicesWritten } from '../../sdk/devices/write.ts';

export default class DeviceAdd extends PhonectlCommand<DevicesWritten> {
  static override summary = 'Announces a device; it may then fetch its configuration.';
  static override description =
    'A phone is known by its MAC address, other devices by their serial number. Its enrolment window opens at once. Many devices: `phonectl device import`.';
  static override examples = [
    'phonectl device add --mac 00:04:f2:ab:cd:ef --model "VVX 450" --name reception --account 1001',
    'phonectl device add --serial 8218404c20ccf9 --type "Polycom Studio" --site Berlin --group Rooms',
  ];
  static override flags = {
    mac: string({ summary: 'MAC address in any spelling.', helpValue: 'MAC' }),
    serial: string({ summary: 'Serial number.', helpValue: 'SERIAL' }),
    name: string({ summary: 'Name.', helpValue: 'NAME' }),
    site: string({ summary: 'Site to pin it to; else its addresses decide.', helpValue: 'SITE' }),
    group: string({ summary: 'Group, in order of priority. Repeatable.', helpValue: 'GROUP', multiple: true }),
    account: string({ summary: 'Account for the next line. Repeatable.', helpValue: 'ACCOUNT', multiple: true }),
    ...describeFlags,
    ...writeFlags,
  };
  static override view = textView<DevicesWritten>(({ devices }, style) =>
    devices.map(
      (device) =>
        `${style.paint('green', style.symbol('ok'))} ${cleanText(deviceName(device))} added at ${cleanText(device.site)}.`,
    ),
  );

  override async run(): Promise<DevicesWritten> {
    const { flags } = await this.parse(DeviceAdd);
    const result = await this.phonectl.devices.add({
      devices: [
        {
          ...described(flags),
          ...(flags.mac !== undefined && { mac: flags.mac }),
          ...(flags.serial !== undefined && { serial: flags.serial }),
          ...(flags.name !== undefined && { name: flags.name }),
          ...(flags.site !== undefined && { site: flags.site }),
          ...(flags.group && { groups: flags.group }),
          ...(flags.account && { accounts: flags.account.map((account) => ({ account })) }),
        },
      ],
      dryRun: flags['dry-run'],
    });
    for (const warning of result.warnings) this.warning(warning);
    return result;
  }
}
