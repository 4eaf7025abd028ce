import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { LogVerdict } from '../../sdk/logs/logs.ts';

export default class LogVerify extends PhonectlCommand<LogVerdict> {
  static override summary = 'Finds out whether the log was changed; exit 6 if so.';
  static override description =
    'Every entry carries a hash over itself and the one before, so a changed, inserted or removed entry shows. A tail ' +
    'that was cut off, a log that was rewritten as a whole, or an older copy in its place shows only against an anchor ' +
    'that was kept elsewhere: keep the one that this command prints.';
  static override examples = [
    'phonectl log verify',
    'phonectl log verify --json | jq -r .anchor > /mnt/safe/anchor',
    'phonectl log verify --anchor "$(cat /mnt/safe/anchor)"',
  ];
  static override flags = {
    anchor: string({ summary: 'What this command printed before.', helpValue: 'ANCHOR' }),
  };
  static override view = textView<LogVerdict>(
    (verdict, style) => [
      ...verdict.problems.map(({ message }) => `${style.paint('red', style.symbol('fail'))} ${message}`),
      verdict.intact
        ? `${style.paint('green', style.symbol('ok'))} ${count(verdict.entries, 'entry', 'entries')}, unbroken.`
        : `${count(verdict.entries, 'entry', 'entries')}, not as they were written.`,
      ...(verdict.anchor === null ? [] : [`Anchor, to be kept elsewhere: ${verdict.anchor}`]),
    ],
    (verdict) => (verdict.intact ? EXIT.ok : EXIT.conflict),
  );

  override async run(): Promise<LogVerdict> {
    const { flags } = await this.parse(LogVerify);
    return await this.phonectl.logs.verify({ anchor: flags.anchor }, { signal: this.signal });
  }
}
