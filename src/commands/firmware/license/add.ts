import { string as stringArg } from '@oclif/core/args';
import { PhonectlCommand } from '../../../cli/base.ts';
import { writeFlags } from '../../../cli/flags.ts';
import { cleanText } from '../../../cli/text.ts';
import { textView } from '../../../cli/view.ts';
import type { Firmware } from '../../../sdk/firmware/firmware.ts';

export default class FirmwareLicenseAdd extends PhonectlCommand<Firmware> {
  static override summary = 'Puts the licence file beside a Group Series image; a new one takes its place (LIC-07).';
  static override examples = [
    'phonectl firmware license add "Group 6.2" license.txt',
    'phonectl firmware license add "Group 6.2" license.txt --dry-run',
  ];
  static override args = {
    firmware: stringArg({ required: true, description: 'Name or id of the image.' }),
    path: stringArg({ required: true, description: 'The licence file.' }),
  };
  static override flags = writeFlags;
  static override view = textView<Firmware>(({ name, license }) =>
    license === null ? `${cleanText(name)} has no licence yet.` : `${cleanText(name)}: ${cleanText(license)}`,
  );

  override async run(): Promise<Firmware> {
    const { args, flags } = await this.parse(FirmwareLicenseAdd);
    const { openInput } = await import('../../../cli/streams.ts');
    const { basename } = process.getBuiltinModule('node:path');
    const input = await openInput(args.path);
    if (flags['dry-run']) return await this.phonectl.firmware.show({ firmware: args.firmware });
    return await this.phonectl.firmware.license(
      { firmware: args.firmware, source: input.stream, file: basename(args.path) },
      { signal: this.signal },
    );
  }
}
