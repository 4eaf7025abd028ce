import { PhonectlCommand } from '../../cli/base.ts';
import { topicCounts } from '../../cli/columns/fleet.ts';
import { folderArg } from '../../cli/fleet-flags.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { Validated } from '../../sdk/fleet/validate.ts';

export default class FleetValidate extends PhonectlCommand<Validated> {
  static override summary = 'Checks a fleet folder; needs no home and no server.';
  static override description =
    'Every file, every row, every parameter, and what they refer to in each other; each error with file, line and ' +
    'column. Secrets are taken to be where the folder says. Exit status 12 when something is wrong.';
  static override examples = ['phonectl fleet validate ./fleet', 'phonectl fleet validate ./fleet --json'];
  static override args = folderArg;
  static override usesSdk = false;
  static override view = textView<Validated>(
    ({ valid, problems, warnings, counts }, style) => [
      ...problems.map(
        ({ file, line, column, reason, remedy }) =>
          `${style.paint('red', style.symbol('fail'))} ${cleanText(file)}:${line}${column === '' ? '' : `:${column}`}: ` +
          cleanText(`${reason} ${remedy}`).trim(),
      ),
      ...warnings.map((warning) => `${style.paint('yellow', style.symbol('warn'))} ${cleanText(warning)}`),
      valid
        ? `${style.paint('green', style.symbol('ok'))} ${topicCounts(counts)}: nothing is wrong.`
        : `${count(problems.length, 'thing is', 'things are')} wrong.`,
    ],
    ({ valid }) => (valid ? EXIT.ok : EXIT.invalidData),
  );

  override async run(): Promise<Validated> {
    const { args } = await this.parse(FleetValidate);
    const { checkFolder } = await import('../../cli/fleet-check.ts');
    const result = await checkFolder(args.folder, this.signal);
    if (!result.valid) this.exitWith(EXIT.invalidData);
    return result;
  }
}
