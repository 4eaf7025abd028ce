import { PhonectlCommand } from '../../cli/base.ts';
import { changeArg } from '../../cli/change-arg.ts';
import { changeColumns, objectLines } from '../../cli/columns/history.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { ChangeDetail } from '../../sdk/history/changes.ts';

export default class ChangeShow extends PhonectlCommand<ChangeDetail> {
  static override summary = 'Shows what a change does to profiles and assignments.';
  static override examples = ['phonectl change show xmas', 'phonectl change show xmas --json'];
  static override args = changeArg;
  static override flags = viewFlags;
  static override view = showView<ChangeDetail>(changeColumns, {
    more: ({ changes }, style) => ['', ...objectLines(changes, style)],
  });

  override async run(): Promise<ChangeDetail> {
    const { args } = await this.parse(ChangeShow);
    return await this.phonectl.changes.show({ change: args.change }, { signal: this.signal });
  }
}
