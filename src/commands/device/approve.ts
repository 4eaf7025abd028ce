import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { ApprovedDevice } from '../../sdk/enrolment/windows.ts';

export default class DeviceApprove extends PhonectlCommand<readonly ApprovedDevice[]> {
  static override summary = 'Lets phones in that came without being announced.';
  static override description =
    'Adds each as a device with a site by its address and the default groups, and opens its enrolment window for the ' +
    'address that it was seen from. `phonectl device quarantine` lists who is waiting.';
  static override examples = [
    'phonectl device approve 805ec0a1b2c3',
    'phonectl device quarantine --output name | phonectl device approve -',
  ];
  static override args = {
    macs: stringArg({ multiple: true, required: true, description: 'MAC addresses; - reads them from stdin.' }),
  };
  static override flags = {
    window: string({ summary: 'How long the enrolment window is open.', helpValue: '72h', default: '72h' }),
    ...writeFlags,
  };
  static override view = listView<ApprovedDevice>([
    { name: 'device' },
    { name: 'vendor' },
    { name: 'model' },
    { name: 'address' },
    { name: 'id', kind: 'number', extra: true },
  ]);

  override async run(): Promise<readonly ApprovedDevice[]> {
    const { args, flags } = await this.parse(DeviceApprove);
    const macs = await this.references(args.macs as unknown as string[]);
    return await this.phonectl.enrolments.approve({ macs, window: flags.window, dryRun: flags['dry-run'] });
  }
}
