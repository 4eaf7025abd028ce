import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { DeviceReplaced } from '../../sdk/devices/remove.ts';

export default class DeviceReplace extends PhonectlCommand<DeviceReplaced> {
  static override summary = 'Puts new hardware in the place of a device.';
  static override description =
    'The new device takes over name, site, groups, accounts and profile, and gets secrets of its own. The old one is refused from then on.';
  static override examples = [
    'phonectl device replace reception 00:04:f2:12:34:56',
    'phonectl device replace 0004f2abcdef 0004f2123456 --dry-run',
  ];
  static override args = {
    old: string({ required: true, description: 'The device to replace.' }),
    new: string({
      required: true,
      description: 'MAC address of the new device; a serial number where the old one has only that.',
    }),
  };
  static override flags = writeFlags;
  static override view = textView<DeviceReplaced>(
    ({ old, device }, style) =>
      `${style.paint('green', style.symbol('ok'))} ${cleanText(old)} is replaced by ${cleanText(device.mac ?? device.serial ?? '')}.`,
  );

  override async run(): Promise<DeviceReplaced> {
    const { args, flags } = await this.parse(DeviceReplace);
    return await this.phonectl.devices.replace({ old: args.old, new: args.new, dryRun: flags['dry-run'] });
  }
}
