import { string as stringArg } from '@oclif/core/args';
import { PhonectlCommand } from '../../../cli/base.ts';
import { outFlag } from '../../../cli/flags.ts';
import { requiredDeviceArg } from '../../../cli/selector.ts';

export default class DeviceFileDownload extends PhonectlCommand<undefined> {
  static override summary = 'Writes the bytes of a file of a device.';
  static override examples = [
    'phonectl device file download reception 0004f2abcdef-directory.xml',
    'phonectl device file download reception 0004f2abcdef-directory.xml --out ./0004f2abcdef-directory.xml',
  ];
  static override args = {
    ...requiredDeviceArg,
    file: stringArg({ required: true, description: 'Name of the file.' }),
  };
  static override flags = outFlag;

  override async run(): Promise<undefined> {
    const { args, flags } = await this.parse(DeviceFileDownload);
    const [device = ''] = await this.references([args.device]);
    const input = { device, file: args.file };
    await this.writeTo(flags.out, this.phonectl.deviceFiles.fileDownload(input, { signal: this.signal }));
  }
}
