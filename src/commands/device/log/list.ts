import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../../cli/base.ts';
import { DEVICE_FILE_COLUMNS } from '../../../cli/columns/device-files.ts';
import { listFlags } from '../../../cli/flags.ts';
import { requiredDeviceArg } from '../../../cli/selector.ts';
import { UsageValueError } from '../../../cli/usage-error.ts';
import { listView } from '../../../cli/view.ts';
import type { DeviceFile } from '../../../sdk/device-files/device-files.ts';

export default class DeviceLogList extends PhonectlCommand<AsyncIterable<DeviceFile>> {
  static override summary = 'Lists the logs that a device sent.';
  static override description =
    'They are kept for 10 days, unless `phonectl settings provisioning edit --upload-days` says otherwise.';
  static override examples = [
    'phonectl device log list reception',
    'phonectl device log list reception --date 2026-11-21',
  ];
  static override args = requiredDeviceArg;
  static override flags = {
    ...listFlags,
    date: string({ summary: 'Only of this day (UTC).', helpValue: 'YYYY-MM-DD' }),
  };
  static override view = listView<DeviceFile>(DEVICE_FILE_COLUMNS, { empty: 'The device sent no logs.' });

  override async run(): Promise<AsyncIterable<DeviceFile>> {
    const { args, flags } = await this.parse(DeviceLogList);
    const { date } = flags;
    if (date !== undefined && !/^\d{4}-\d\d-\d\d$/.test(date)) throw new UsageValueError('--date wants YYYY-MM-DD.');
    const [device = ''] = await this.references([args.device]);
    const logs = this.phonectl.deviceFiles.files({ device, group: 'log' }, { signal: this.signal });
    return ofDay(logs, date);
  }
}

async function* ofDay(logs: AsyncIterable<DeviceFile>, date: string | undefined): AsyncGenerator<DeviceFile> {
  for await (const log of logs) if (date === undefined || log.at?.startsWith(date) === true) yield log;
}
