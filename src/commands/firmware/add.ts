import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { bytesText } from '../../cli/file-size.ts';
import { choice, writeFlags } from '../../cli/flags.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import type { Firmware } from '../../sdk/firmware/firmware.ts';

interface Planned {
  readonly file: string;
  readonly size: number | null;
}

export default class FirmwareAdd extends PhonectlCommand<Firmware | Planned> {
  static override summary = 'Adds a firmware image that phones can fetch.';
  static override description =
    'Vendor, version and models are told from the file name where the vendor writes them there. A software profile of ' +
    'the same name is made with it: assign that, and the phones get the firmware (FW-11).';
  static override examples = [
    'phonectl firmware add T54W-96.86.0.75.rom',
    'phonectl firmware add 3111-48840-001.sip.ld --version 6.4.8.1234 --name "VVX 6.4.8"',
    'phonectl firmware add sip88xx.12-0-7MPP0201-66.loads --sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  ];
  static override args = { path: stringArg({ required: true, description: 'The file; - for stdin.' }) };
  static override flags = {
    ...writeFlags,
    file: string({ summary: 'Name that phones ask for, instead of the name of the file.', helpValue: 'NAME' }),
    name: string({ summary: 'Name for people, and of the software profile.', helpValue: 'NAME' }),
    version: string({ summary: 'Version, as phones report it.', helpValue: 'VERSION' }),
    vendor: choice(['poly', 'yealink', 'cisco'], { summary: 'Whose phones it is for.' }),
    family: choice(['phone', 'cx', 'group-series'], { summary: 'What it is for, other than phones.' }),
    model: string({ summary: 'Model that it runs on. Repeatable.', helpValue: 'MODEL', multiple: true }),
    description: string({ summary: 'What is worth knowing about it.', helpValue: 'TEXT' }),
    sha256: string({ summary: 'What its SHA-256 must be.', helpValue: 'HEX' }),
  };
  static override view = textView<Firmware | Planned>((result, style) =>
    'sha256' in result
      ? [
          `${style.paint('green', style.symbol('ok'))} Firmware ${cleanText(result.name)}: ` +
            `${bytesText(result.size)}, SHA-256 ${result.sha256}`,
          `${result.vendor} ${result.version}, for ${result.models.length === 0 ? 'any model' : result.models.join(', ')}`,
        ]
      : `Would add ${result.file}.`,
  );

  override async run(): Promise<Firmware | Planned> {
    const { args, flags } = await this.parse(FirmwareAdd);
    const { openInput } = await import('../../cli/streams.ts');
    const { basename } = process.getBuiltinModule('node:path');
    const file = flags.file ?? (args.path === '-' ? undefined : basename(args.path));
    if (file === undefined) throw new PhonectlError('usage', 'What comes from stdin has no name: give it with --file.');
    const input = await openInput(args.path);
    if (flags['dry-run']) return { file, size: input.size ?? null };
    await this.progress(`Adding ${input.name}`);
    const { name, version, vendor, family, model, description, sha256 } = flags;
    return await this.phonectl.firmware.add(
      {
        source: input.stream,
        file,
        ...(name !== undefined && { name }),
        ...(version !== undefined && { version }),
        ...(vendor !== undefined && { vendor }),
        ...(family !== undefined && { family }),
        ...(model !== undefined && { models: model }),
        ...(description !== undefined && { description }),
        ...(sha256 !== undefined && { sha256 }),
      },
      { signal: this.signal },
    );
  }
}
