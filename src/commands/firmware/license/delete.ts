import { string as stringArg } from '@oclif/core/args';
import { PhonectlCommand } from '../../../cli/base.ts';
import { writeFlags } from '../../../cli/flags.ts';
import { cleanText } from '../../../cli/text.ts';
import { textView } from '../../../cli/view.ts';
import type { Firmware } from '../../../sdk/firmware/firmware.ts';

export default class FirmwareLicenseDelete extends PhonectlCommand<Firmware> {
  static override summary = 'Takes the licence file of a Group Series image away.';
  static override examples = [
    'phonectl firmware license delete "Group 6.2"',
    'phonectl firmware license delete "Group 6.2" --yes',
  ];
  static override args = { firmware: stringArg({ required: true, description: 'Name or id of the image.' }) };
  static override flags = writeFlags;
  static override view = textView<Firmware>(({ name, license }) =>
    license === null ? `${cleanText(name)} has no licence.` : `${cleanText(name)} keeps ${cleanText(license)}.`,
  );

  override async run(): Promise<Firmware> {
    const { args, flags } = await this.parse(FirmwareLicenseDelete);
    const image = await this.phonectl.firmware.show({ firmware: args.firmware });
    if (flags['dry-run']) return image;
    await this.confirm('destructive', 1, `take the licence of ${image.name} away`);
    return await this.phonectl.firmware.license({ firmware: args.firmware }, { signal: this.signal });
  }
}
