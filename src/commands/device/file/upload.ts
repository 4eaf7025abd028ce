import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../../cli/base.ts';
import { bytesText } from '../../../cli/file-size.ts';
import { choice, writeFlags } from '../../../cli/flags.ts';
import { requiredDeviceArg } from '../../../cli/selector.ts';
import { cleanText } from '../../../cli/text.ts';
import { textView } from '../../../cli/view.ts';
import type { DeviceFile } from '../../../sdk/device-files/device-files.ts';
import { PhonectlError } from '../../../sdk/errors.ts';

interface Planned {
  readonly name: string;
  readonly size: number | null;
}

export default class DeviceFileUpload extends PhonectlCommand<DeviceFile | Planned> {
  static override summary = 'Puts a file there for one device; it gets that instead of the one for all.';
  static override description =
    'The file for all devices is a resource of the name 000000000000-…: see phonectl resource add. Types: CFG, XML, ' +
    'CSV, PEM, CRT, CER.';
  static override examples = [
    'phonectl device file upload reception 0004f2abcdef-directory.xml',
    'phonectl device file upload reception ./keys.csv --directory flk --dry-run',
  ];
  static override args = {
    ...requiredDeviceArg,
    path: stringArg({ required: true, description: 'File; - for stdin.' }),
  };
  static override flags = {
    ...writeFlags,
    file: string({ summary: 'Name that the phone asks for, instead of the name of the file.', helpValue: 'NAME' }),
    directory: choice(['misc', 'contacts', 'overrides', 'license', 'profiles', 'certificate', 'flk'], {
      summary: 'What it belongs to; told from the name otherwise.',
    }),
  };
  static override view = textView<DeviceFile | Planned>(
    ({ name, size }, style) =>
      `${style.paint('green', style.symbol('ok'))} ${cleanText(name)}, ${size === null ? 'size not known' : bytesText(size)}`,
  );

  override async run(): Promise<DeviceFile | Planned> {
    const { args, flags } = await this.parse(DeviceFileUpload);
    const [device = ''] = await this.references([args.device]);
    const { openInput } = await import('../../../cli/streams.ts');
    const { basename } = process.getBuiltinModule('node:path');
    const file = flags.file ?? (args.path === '-' ? undefined : basename(args.path));
    if (file === undefined) throw new PhonectlError('usage', 'What comes from stdin has no name: give it with --file.');
    const input = await openInput(args.path);
    if (flags['dry-run']) return { name: file, size: input.size ?? null };
    return await this.phonectl.deviceFiles.fileUpload(
      { device, source: input.stream, file, ...(flags.directory !== undefined && { directory: flags.directory }) },
      { signal: this.signal },
    );
  }
}
