import { string } from '@oclif/core/args';
import { boolean, integer, string as stringFlag } from '@oclif/core/flags';
import { deviceName } from '../../cli/columns/devices.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { LinesWritten } from '../../sdk/devices/lines.ts';

export default class DeviceAssign extends PushingCommand<LinesWritten> {
  static override summary = 'Puts accounts on the lines of a device.';
  static override description = 'An account sits on one line only: it leaves the one that it was on.';
  static override examples = [
    'phonectl device assign reception --account 1001',
    'phonectl device assign lobby --account sip:1002 --line 2',
    'phonectl device assign lobby --account 1003 --account 1004 --replace',
  ];
  static override args = { device: string({ required: true, description: 'The device.' }) };
  static override flags = {
    account: stringFlag({
      summary: 'Account by name, extension or type:name. Repeatable.',
      helpValue: 'ACCOUNT',
      multiple: true,
      required: true,
    }),
    line: integer({ summary: 'Line of the first account; else the next free one.', min: 1 }),
    replace: boolean({ summary: 'Take all other accounts off the device.' }),
    ...pushFlags,
  };
  static override view = textView<LinesWritten>(({ device }, style) => [
    `${style.paint('green', style.symbol('ok'))} ${cleanText(deviceName(device))}:`,
    ...device.lines.map(({ line, account }) => `  ${line}  ${cleanText(account)}`),
  ]);

  override async run(): Promise<LinesWritten> {
    const { args, flags } = await this.parse(DeviceAssign);
    const first = flags.line;
    const result = await this.phonectl.devices.assign({
      device: args.device,
      accounts: flags.account.map((account, index) => ({
        account,
        ...(first !== undefined && { line: first + index }),
      })),
      replace: flags.replace,
      dryRun: flags['dry-run'],
    });
    for (const warning of result.warnings) this.warning(warning);
    return result;
  }
}
