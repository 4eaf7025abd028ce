import { boolean, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { deviceArgs, selectorFlags, toSelector } from '../../cli/selector.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';

interface Exported {
  readonly files: number;
  readonly folder: string;
}

export default class ConfigExport extends PhonectlCommand<Exported> {
  static override summary = 'Writes the MAC files of all or some devices into a folder.';
  static override examples = [
    'phonectl config export --out ./mac-files',
    'phonectl config export --site Berlin --show-secrets --out ./berlin',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...selectorFlags,
    out: string({ summary: 'The folder; made when it is missing.', helpValue: 'DIR', required: true }),
    'show-secrets': boolean({ summary: 'Exact bytes, secrets included; this is recorded.' }),
  };
  static override view = textView<Exported>(({ files, folder }) => `${count(files, 'MAC file')} written to ${folder}.`);

  override async run(): Promise<Exported> {
    const { args, flags } = await this.parse(ConfigExport);
    const selector = toSelector(flags, await this.references(args.devices));
    const input = { selector, showSecrets: flags['show-secrets'] };
    const files = await Array.fromAsync(this.phonectl.macFiles.macExport(input, { signal: this.signal }));
    const { writeFolder } = await import('../../cli/folder.ts');
    await writeFolder(flags.out, files);
    return { files: files.length, folder: flags.out };
  }
}
