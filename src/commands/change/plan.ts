import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { changeArg } from '../../cli/change-arg.ts';
import { planLines } from '../../cli/columns/plans.ts';
import { textView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { ChangePlan } from '../../sdk/history/changes.ts';

export default class ChangePlanned extends PhonectlCommand<ChangePlan> {
  static override summary = 'Says what applying a change would do to the phones.';
  static override examples = ['phonectl change plan xmas', 'phonectl change plan xmas --exit-code --json'];
  static override args = changeArg;
  static override flags = { 'exit-code': boolean({ summary: 'Exit with 20 when phones change.' }) };
  static override view = textView<ChangePlan>(({ plan }, style) => planLines(plan, style));

  override async run(): Promise<ChangePlan> {
    const { args, flags } = await this.parse(ChangePlanned);
    const result = await this.phonectl.changes.plan({ change: args.change }, { signal: this.signal });
    if (flags['exit-code'] && result.plan.devices > 0) this.exitWith(EXIT.differences);
    return result;
  }
}
