import { string } from '@oclif/core/flags';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { requiredDeviceArgs } from '../../cli/selector.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { DevicesWritten } from '../../sdk/devices/write.ts';

export default class DeviceSetSite extends PushingCommand<DevicesWritten> {
  static override summary = 'Pins devices to a site.';
  static override examples = [
    'phonectl device set-site reception lobby --site Berlin',
    'phonectl device list --search floor-2 --output name | phonectl device set-site - --site "Berlin 2"',
  ];
  static override args = requiredDeviceArgs;
  static override flags = {
    site: string({ summary: 'The site.', helpValue: 'SITE', required: true }),
    ...pushFlags,
  };
  static override view = textView<DevicesWritten>(
    ({ devices }, style) => `${style.paint('green', style.symbol('ok'))} ${count(devices.length, 'device')} pinned.`,
  );

  override async run(): Promise<DevicesWritten> {
    const { args, flags } = await this.parse(DeviceSetSite);
    return await this.phonectl.devices.edit({
      devices: [...(await this.references(args.devices))],
      site: flags.site,
      dryRun: flags['dry-run'],
    });
  }
}
