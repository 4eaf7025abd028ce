import { string as stringArg } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../../cli/base.ts';
import { outFlag } from '../../../cli/flags.ts';
import { requiredDeviceArg } from '../../../cli/selector.ts';

export default class DiagCaptureDownload extends PhonectlCommand<undefined> {
  static override summary = 'Writes a packet capture of a phone, the newest unless one is named.';
  static override description =
    'What is written is a pcap file, whatever the phone packed it into. It holds what was on the wire, calls and passwords ' +
    'too; that you read it is recorded.';
  static override examples = [
    'phonectl diag capture download reception --out reception.pcap',
    'phonectl diag capture download reception | tshark -r -',
  ];
  static override args = {
    ...requiredDeviceArg,
    file: stringArg({ description: 'Name of the file, as in the list.' }),
  };
  static override flags = { ...outFlag, raw: boolean({ summary: 'As it came from the phone.' }) };

  override async run(): Promise<undefined> {
    const { args, flags } = await this.parse(DiagCaptureDownload);
    const [device = ''] = await this.references([args.device]);
    const input = { device, ...(args.file !== undefined && { file: args.file }), ...(flags.raw && { raw: true }) };
    await this.writeTo(flags.out, this.phonectl.captures.download(input, { signal: this.signal }));
  }
}
