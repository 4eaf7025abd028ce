import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { yesFlag } from '../../cli/flags.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { RestoredHome } from '../../sdk/home-admin/restore.ts';

export default class HomeRestore extends PhonectlCommand<RestoredHome> {
  static override local = true;
  static override summary = 'Puts a home back from a backup.';
  static override description =
    'Goes to --home or PHONECTL_HOME. A damaged backup is refused, and nothing is changed. A home that is there is ' +
    'replaced only with --force, and kept beside. Stop `phonectl serve` first.';
  static override examples = [
    'phonectl home restore phonectl.tar',
    'phonectl home restore phonectl.tar --home /srv/phonectl --force --yes',
  ];
  static override args = { file: string({ required: true, description: 'A backup.' }) };
  static override flags = { ...yesFlag, force: boolean({ summary: 'Replace the home that is there.' }) };
  static override view = textView<RestoredHome>((result, style) => [
    `${style.paint('green', style.symbol('ok'))} Home of ${cleanText(result.company)} restored to ${result.home}: ` +
      `${count(result.files, 'file')} of ${result.createdAt}.`,
    ...(result.replaced === null ? [] : [`The home that was here is ${result.replaced} now.`]),
    ...(result.keyFound ? [] : [`The sealing key is missing: put it to ${result.keyFile}.`]),
  ]);

  override async run(): Promise<RestoredHome> {
    const { args, flags } = await this.parse(HomeRestore);
    if (flags.force) await this.confirm('destructive', 1, 'replace the home with the backup');
    await this.progress('Reading the backup');
    return await this.phonectl.restore({ file: args.file, force: flags.force });
  }
}
