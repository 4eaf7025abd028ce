import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { outFlag } from '../../cli/flags.ts';

export default class FirmwareDownload extends PhonectlCommand<undefined> {
  static override summary = 'Writes the bytes of a firmware image, checked against their SHA-256.';
  static override examples = [
    'phonectl firmware download "VVX 6.4.8" --out sip.ld',
    'phonectl firmware download "Group 6.2" --license --out license.txt',
  ];
  static override args = { firmware: string({ required: true, description: 'Name or id.' }) };
  static override flags = { ...outFlag, license: boolean({ summary: 'Its licence file instead.' }) };

  override async run(): Promise<undefined> {
    const { args, flags } = await this.parse(FirmwareDownload);
    const input = { firmware: args.firmware, license: flags.license };
    await this.writeTo(flags.out, this.phonectl.firmware.download(input, { signal: this.signal }));
  }
}
