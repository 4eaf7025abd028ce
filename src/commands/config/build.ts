import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { deviceArgs, selectorFlags, toSelector } from '../../cli/selector.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { BuildResult } from '../../sdk/configuration/build.ts';
import { EXIT } from '../../sdk/errors.ts';

export default class ConfigBuild extends PhonectlCommand<BuildResult> {
  static override local = true;
  static override summary = 'Writes the files of all or some devices into a folder.';
  static override description =
    'For a web server that is there already: exactly the bytes that `phonectl serve` would give out, secrets included, ' +
    'files readable by their owner only. Files that have not changed are not touched.';
  static override examples = [
    'phonectl config build --out /srv/phones',
    'phonectl config build --out ./berlin --site Berlin',
    'phonectl config build --out /srv/phones --dry-run --json',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...selectorFlags,
    out: string({ summary: 'The folder; made when it is missing.', helpValue: 'DIR', required: true }),
    ...writeFlags,
  };
  static override view = textView<BuildResult>(({ summary, results }, style) => [
    `${style.paint('green', style.symbol('ok'))} ${count(summary.devices, 'device')}, ${count(summary.files, 'file')}: ` +
      `${summary.written} written, ${summary.unchanged} unchanged.`,
    ...results.map(({ device, reason }) => `${style.symbol('fail')} ${cleanText(device)}: ${cleanText(reason)}`),
  ]);

  override async run(): Promise<BuildResult> {
    const { args, flags } = await this.parse(ConfigBuild);
    const selector = toSelector(flags, await this.references(args.devices));
    await this.progress('Rendering');
    const result = await this.phonectl.configs.build(
      { selector, out: flags.out, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
    if (result.summary.failed > 0) this.exitWith(EXIT.failed);
    return result;
  }
}
