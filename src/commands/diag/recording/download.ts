import { string as stringArg } from '@oclif/core/args';
import { PhonectlCommand } from '../../../cli/base.ts';
import { outFlag } from '../../../cli/flags.ts';
import { requiredDeviceArg } from '../../../cli/selector.ts';

export default class DiagRecordingDownload extends PhonectlCommand<undefined> {
  static override summary = 'Writes a recording that a phone sent.';
  static override description = 'That you listened to it is recorded.';
  static override examples = [
    'phonectl diag recording download boardroom 20261122-093000.wav --out call.wav',
    'phonectl diag recording download boardroom 20261122-093000.wav > call.wav',
  ];
  static override args = {
    ...requiredDeviceArg,
    file: stringArg({ required: true, description: 'Name of the file, as in the list.' }),
  };
  static override flags = outFlag;

  override async run(): Promise<undefined> {
    const { args, flags } = await this.parse(DiagRecordingDownload);
    const [device = ''] = await this.references([args.device]);
    const input = { device, file: args.file };
    await this.writeTo(flags.out, this.phonectl.diagnoses.recordingDownload(input, { signal: this.signal }));
  }
}
