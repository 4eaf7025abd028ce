import { PhonectlCommand } from '../../../cli/base.ts';
import { DEVICE_FILE_COLUMNS } from '../../../cli/columns/device-files.ts';
import { choice, listFlags } from '../../../cli/flags.ts';
import { requiredDeviceArg } from '../../../cli/selector.ts';
import { listView } from '../../../cli/view.ts';
import type { DeviceFile } from '../../../sdk/device-files/device-files.ts';

export default class DeviceFileList extends PhonectlCommand<AsyncIterable<DeviceFile>> {
  static override summary = 'Lists the files of a device.';
  static override description =
    'provisioning: what it is given; phone and web: what was set at it and on its web page; log: its logs; other: ' +
    'contacts, call lists, and what people put there for it.';
  static override examples = [
    'phonectl device file list reception',
    'phonectl device file list reception --group web --json',
  ];
  static override args = requiredDeviceArg;
  static override flags = {
    ...listFlags,
    group: choice(['provisioning', 'phone', 'web', 'other', 'log'], { summary: 'Only files of this group.' }),
  };
  static override view = listView<DeviceFile>(DEVICE_FILE_COLUMNS, { empty: 'No files.' });

  override async run(): Promise<AsyncIterable<DeviceFile>> {
    const { args, flags } = await this.parse(DeviceFileList);
    const [device = ''] = await this.references([args.device]);
    return this.phonectl.deviceFiles.files(
      { device, ...(flags.group !== undefined && { group: flags.group }) },
      { signal: this.signal },
    );
  }
}
