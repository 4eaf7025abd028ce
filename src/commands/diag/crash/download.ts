import { string as stringArg } from '@oclif/core/args';
import { PhonectlCommand } from '../../../cli/base.ts';
import { outFlag } from '../../../cli/flags.ts';
import { requiredDeviceArg } from '../../../cli/selector.ts';

export default class DiagCrashDownload extends PhonectlCommand<undefined> {
  static override summary = 'Writes a crash file that a phone sent, the newest unless one is named.';
  static override description =
    'It is for the vendor, and holds what was in the memory of the phone, passwords too; that you read it is recorded. ' +
    'Files of other kinds are refused: phonectl device file download.';
  static override examples = [
    'phonectl diag crash download reception --out reception.core.gz',
    'phonectl diag crash download reception core/0004f2abcdef-app.gz --out app.core.gz',
  ];
  static override args = {
    ...requiredDeviceArg,
    file: stringArg({ description: 'Name of the file, as in the list.' }),
  };
  static override flags = outFlag;

  override async run(): Promise<undefined> {
    const { args, flags } = await this.parse(DiagCrashDownload);
    const [device = ''] = await this.references([args.device]);
    const input = { device, ...(args.file !== undefined && { file: args.file }) };
    await this.writeTo(flags.out, this.phonectl.diagnostics.crashDownload(input, { signal: this.signal }));
  }
}
