import { string as stringArg } from '@oclif/core/args';
import { PhonectlCommand } from '../../../cli/base.ts';
import { writeFlags } from '../../../cli/flags.ts';
import { requiredDeviceArg } from '../../../cli/selector.ts';
import { cleanText, count } from '../../../cli/text.ts';
import { textView } from '../../../cli/view.ts';
import type { DeletedFiles } from '../../../sdk/device-files/device-files.ts';

export default class DeviceFileDelete extends PhonectlCommand<DeletedFiles> {
  static override summary = 'Deletes files that a device sent, or that were put there for it.';
  static override examples = [
    'phonectl device file delete reception 0004f2abcdef-directory.xml',
    'phonectl device file delete reception 0004f2abcdef-directory.xml --yes',
  ];
  static override args = {
    ...requiredDeviceArg,
    files: stringArg({ required: true, multiple: true, description: 'Names of the files.' }),
  };
  static override flags = writeFlags;
  static override view = textView<DeletedFiles>(({ deleted }) => deleted.map((name) => cleanText(name)));

  override async run(): Promise<DeletedFiles> {
    const { args, flags } = await this.parse(DeviceFileDelete);
    const [device = ''] = await this.references([args.device]);
    const files = Array.isArray(args.files) ? args.files : [args.files];
    const plan = await this.phonectl.deviceFiles.fileDelete({ device, files, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', plan.deleted.length, `delete ${count(plan.deleted.length, 'file')}`);
    return await this.phonectl.deviceFiles.fileDelete({ device, files }, { signal: this.signal });
  }
}
