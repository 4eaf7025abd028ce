import { string as stringArg } from '@oclif/core/args';
import { PhonectlCommand } from '../../../cli/base.ts';
import { writeFlags } from '../../../cli/flags.ts';
import { requiredDeviceArg } from '../../../cli/selector.ts';
import { cleanText, count } from '../../../cli/text.ts';
import { textView } from '../../../cli/view.ts';
import type { DeletedFiles } from '../../../sdk/device-files/device-files.ts';

export default class DeviceLogDelete extends PhonectlCommand<DeletedFiles> {
  static override summary = 'Deletes logs that a device sent.';
  static override examples = [
    'phonectl device log delete reception 0004f2abcdef-app.log',
    'phonectl device log delete reception 0004f2abcdef-app.log --yes',
  ];
  static override args = {
    ...requiredDeviceArg,
    files: stringArg({ required: true, multiple: true, description: 'Names of the files.' }),
  };
  static override flags = writeFlags;
  static override view = textView<DeletedFiles>(({ deleted }) => deleted.map((name) => cleanText(name)));

  override async run(): Promise<DeletedFiles> {
    const { args, flags } = await this.parse(DeviceLogDelete);
    const [device = ''] = await this.references([args.device]);
    const files = Array.isArray(args.files) ? args.files : [args.files];
    const plan = await this.phonectl.deviceFiles.fileDelete({ device, files, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', plan.deleted.length, `delete ${count(plan.deleted.length, 'file')}`);
    return await this.phonectl.deviceFiles.fileDelete({ device, files }, { signal: this.signal });
  }
}
