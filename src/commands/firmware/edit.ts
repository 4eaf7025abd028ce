import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { bytesText } from '../../cli/file-size.ts';
import { writeFlags } from '../../cli/flags.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { Firmware } from '../../sdk/firmware/firmware.ts';

export default class FirmwareEdit extends PhonectlCommand<Firmware> {
  static override summary = 'Changes what is said of a firmware image, or replaces its file.';
  static override examples = [
    'phonectl firmware edit "VVX 6.4.8" --description "Tested in Berlin"',
    'phonectl firmware edit 3 --content ./3111-48840-001.sip.ld',
  ];
  static override args = { firmware: stringArg({ required: true, description: 'Name or id.' }) };
  static override flags = {
    ...writeFlags,
    content: string({ summary: 'File whose bytes take the place of the old ones; - for stdin.', helpValue: 'PATH' }),
    version: string({ summary: 'Version, as phones report it.', helpValue: 'VERSION' }),
    model: string({ summary: 'Model that it runs on. Repeatable.', helpValue: 'MODEL', multiple: true }),
    description: string({ summary: 'What is worth knowing about it.', helpValue: 'TEXT' }),
  };
  static override view = textView<Firmware>(
    ({ name, version, size, sha256 }, style) =>
      `${style.paint('green', style.symbol('ok'))} Firmware ${cleanText(name)}: ${version}, ${bytesText(size)}, SHA-256 ${sha256}`,
  );

  override async run(): Promise<Firmware> {
    const { args, flags } = await this.parse(FirmwareEdit);
    const { openInput } = await import('../../cli/streams.ts');
    const content = flags.content === undefined ? undefined : await openInput(flags.content);
    const { version, model, description } = flags;
    return await this.phonectl.firmware.edit(
      {
        firmware: args.firmware,
        dryRun: flags['dry-run'],
        ...(content !== undefined && { source: content.stream }),
        ...(version !== undefined && { version }),
        ...(model !== undefined && { models: model }),
        ...(description !== undefined && { description }),
      },
      { signal: this.signal },
    );
  }
}
