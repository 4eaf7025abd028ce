import { string } from '@oclif/core/args';
import { integer, string as stringFlag } from '@oclif/core/flags';
import { deviceName } from '../../cli/columns/devices.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { LinesWritten } from '../../sdk/devices/lines.ts';

export default class DeviceUnassign extends PushingCommand<LinesWritten> {
  static override summary = 'Takes accounts off a device; all of them when none is named.';
  static override examples = [
    'phonectl device unassign reception --account 1001',
    'phonectl device unassign lobby --line 2',
    'phonectl device unassign lobby',
  ];
  static override args = { device: string({ required: true, description: 'The device.' }) };
  static override flags = {
    account: stringFlag({ summary: 'Account to take off. Repeatable.', helpValue: 'ACCOUNT', multiple: true }),
    line: integer({ summary: 'Line to free. Repeatable.', min: 1, multiple: true }),
    ...pushFlags,
  };
  static override view = textView<LinesWritten>(
    ({ device }, style) =>
      `${style.paint('green', style.symbol('ok'))} ${cleanText(deviceName(device))} has ${count(device.lines.length, 'account')} now.`,
  );

  override async run(): Promise<LinesWritten> {
    const { args, flags } = await this.parse(DeviceUnassign);
    return await this.phonectl.devices.unassign({
      device: args.device,
      ...(flags.account && { accounts: flags.account }),
      ...(flags.line && { lines: flags.line }),
      dryRun: flags['dry-run'],
    });
  }
}
