import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { outFlag } from '../../cli/flags.ts';

export default class ResourceDownload extends PhonectlCommand<undefined> {
  static override summary = 'Writes the bytes of a resource, checked against its SHA-256.';
  static override examples = [
    'phonectl resource download ring.wav --out ring.wav',
    'phonectl resource download ring.wav > ring.wav',
  ];
  static override args = { resource: string({ required: true, description: 'Name or id.' }) };
  static override flags = outFlag;

  override async run(): Promise<undefined> {
    const { args, flags } = await this.parse(ResourceDownload);
    await this.writeTo(
      flags.out,
      this.phonectl.resources.download({ resource: args.resource }, { signal: this.signal }),
    );
  }
}
