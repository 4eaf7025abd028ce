import { boolean, integer } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { requiredDeviceArg } from '../../cli/selector.ts';
import { listView } from '../../cli/view.ts';
import type { LineReport } from '../../sdk/control/status.ts';

export default class DeviceLines extends PhonectlCommand<readonly LineReport[]> {
  static override summary = 'Lists the lines of a device: assigned, and as the phone has them.';
  static override examples = ['phonectl device lines reception', 'phonectl device lines reception --line 2 --json'];
  static override args = requiredDeviceArg;
  static override flags = {
    ...listFlags,
    line: integer({ summary: 'Only this line.', helpValue: 'N', min: 1 }),
    offline: boolean({ summary: 'Only what the server knows; the phone is not asked.' }),
    'plain-basic': boolean({ summary: 'Send the password over plain HTTP to a phone that knows nothing better.' }),
  };
  static override view = listView<LineReport>(
    [
      { name: 'line', kind: 'number' },
      { name: 'account', get: ({ account }) => account ?? '' },
      { name: 'user', get: ({ user }) => user ?? 'N/A' },
      { name: 'server', get: ({ server }) => server ?? 'N/A' },
      { name: 'state', kind: 'state' },
    ],
    { empty: 'No lines.' },
  );

  override async run(): Promise<readonly LineReport[]> {
    const { args, flags } = await this.parse(DeviceLines);
    const { lines, reason } = await this.phonectl.control.status(
      {
        device: args.device,
        ...(flags.offline && { offline: true }),
        ...(flags['plain-basic'] && { plainBasic: true }),
      },
      { signal: this.signal },
    );
    if (reason !== null && !flags.offline) this.note(`As the server knows them: ${reason}`);
    return flags.line === undefined ? lines : lines.filter(({ line }) => line === flags.line);
  }
}
