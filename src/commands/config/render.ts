import { boolean, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { requiredDeviceArg } from '../../cli/selector.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { ShownConfiguration } from '../../sdk/configuration/render.ts';

export default class ConfigRender extends PhonectlCommand<ShownConfiguration | undefined> {
  static override summary = 'Prints the files that a device is given.';
  static override description =
    'Without --file all of them, each under a line with its name. Secrets stand as asterisks; with --show-secrets the ' +
    'bytes are exactly those that the phone gets, which needs its permission and is recorded.';
  static override examples = [
    'phonectl config render reception',
    'phonectl config render reception --file 0004f2abcdef.cfg --show-secrets',
    'phonectl config render 00:04:f2:ab:cd:ef --out ./files',
  ];
  static override args = requiredDeviceArg;
  static override flags = {
    file: string({ summary: 'Only this file.', helpValue: 'NAME' }),
    'show-secrets': boolean({ summary: 'Exact bytes, secrets included; this is recorded.' }),
    out: string({ summary: 'Write the exact files into this folder; implies --show-secrets.', helpValue: 'DIR' }),
  };
  static override view = textView<ShownConfiguration>(({ files }) =>
    files.length === 1
      ? [(files[0]?.text ?? '').replace(/\n$/, '')]
      : files.flatMap(({ name, text }) => [`===== ${name}`, text.replace(/\n$/, '')]),
  );

  override async run(): Promise<ShownConfiguration | undefined> {
    const { args, flags } = await this.parse(ConfigRender);
    const [device = ''] = await this.references([args.device]);
    const exact = flags['show-secrets'] || flags.out !== undefined;
    const configuration = await this.phonectl.configs.render(
      { device, showSecrets: exact, ...(flags.file !== undefined && { file: flags.file }) },
      { signal: this.signal },
    );
    if (flags.out !== undefined) {
      const { writeFolder } = await import('../../cli/folder.ts');
      await writeFolder(flags.out, configuration.files);
      this.note(`${count(configuration.files.length, 'file')} written to ${flags.out}.`);
      return undefined;
    }
    const [only] = configuration.files;
    if (flags.file === undefined || only === undefined || this.format !== 'table') return configuration;
    // One file goes out byte for byte, so that `> file` gives what the phone gets.
    await this.out.write(only.text);
    return undefined;
  }
}
