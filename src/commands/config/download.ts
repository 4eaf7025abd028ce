import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { outFlag } from '../../cli/flags.ts';
import { requiredDeviceArg } from '../../cli/selector.ts';
import { PhonectlError } from '../../sdk/errors.ts';

export default class ConfigDownload extends PhonectlCommand<undefined> {
  static override summary = "Writes the MAC file of a device, in its vendor's own form.";
  static override examples = [
    'phonectl config download reception',
    'phonectl config download reception --show-secrets --out reception.cfg',
  ];
  static override args = requiredDeviceArg;
  static override flags = {
    ...outFlag,
    'show-secrets': boolean({ summary: 'Exact bytes, secrets included; this is recorded.' }),
  };

  override async run(): Promise<undefined> {
    const { args, flags } = await this.parse(ConfigDownload);
    const refs = await this.references([args.device]);
    const input = { selector: { refs }, showSecrets: flags['show-secrets'] };
    const [file] = await Array.fromAsync(this.phonectl.macFiles.macExport(input, { signal: this.signal }));
    if (file === undefined) {
      throw new PhonectlError('not_found', `${args.device} has no MAC file that holds.`, {
        hints: [`See its versions: phonectl config restore ${args.device}`],
      });
    }
    await this.writeTo(flags.out, [file.text]);
  }
}
