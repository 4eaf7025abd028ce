import { PhonectlCommand } from '../../cli/base.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { HomeCheck } from '../../sdk/home-admin/check.ts';

const LOOKS = { ok: ['green', 'ok'], warning: ['yellow', 'warn'], error: ['red', 'fail'] } as const;

export default class HomeCheckCommand extends PhonectlCommand<HomeCheck> {
  static override local = true;
  static override summary = 'Looks whether the home is whole: database, secrets, files, operation log.';
  static override description = 'Exit status 6 when it is not. Opens every sealed value; shows none.';
  static override examples = ['phonectl home check', 'phonectl home check --json'];
  static override view = textView<HomeCheck>(
    (result, style) =>
      result.findings.flatMap(({ check, status, message, remedy }) => {
        const [colour, symbol] = LOOKS[status];
        const line = `${style.paint(colour, style.symbol(symbol))} ${check.padEnd(12)} ${cleanText(message)}`;
        return remedy === null ? [line] : [line, `               → ${cleanText(remedy)}`];
      }),
    (result) => (result.intact ? EXIT.ok : EXIT.conflict),
  );

  override async run(): Promise<HomeCheck> {
    await this.parse(HomeCheckCommand);
    await this.progress('Checking');
    return await this.phonectl.homes.check({}, { signal: this.signal });
  }
}
