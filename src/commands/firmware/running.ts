import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { deviceArgs, selectorFlags, toSelector } from '../../cli/selector.ts';
import { listView } from '../../cli/view.ts';
import type { RunningRow } from '../../sdk/firmware/reports.ts';

export default class FirmwareRunning extends PhonectlCommand<AsyncIterable<RunningRow>> {
  static override summary = 'Counts the devices of each firmware version that runs.';
  static override examples = ['phonectl firmware running', 'phonectl firmware running --site Berlin --json'];
  static override args = deviceArgs;
  static override flags = { ...listFlags, ...selectorFlags };
  static override view = listView<RunningRow>(
    [{ name: 'firmware' }, { name: 'vendor' }, { name: 'model' }, { name: 'devices', kind: 'number' }],
    { empty: 'No device has told its firmware yet.' },
  );

  override async run(): Promise<AsyncIterable<RunningRow>> {
    const { args, flags } = await this.parse(FirmwareRunning);
    const selector = toSelector(flags, await this.references(args.devices));
    return this.phonectl.firmware.running({ selector }, { signal: this.signal });
  }
}
