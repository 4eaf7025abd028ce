import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { viewFlags } from '../../cli/flags.ts';
import { DETAIL_COLUMNS, detailLines } from '../../cli/task-views.ts';
import { showView } from '../../cli/view.ts';
import type { TaskDetails } from '../../sdk/tasks/read.ts';

type Timer = TaskDetails & { readonly next: readonly string[] };

export default class TimerShow extends PhonectlCommand<Timer> {
  static override summary = 'Shows a timer, when it runs next, and how its last run went.';
  static override examples = ['phonectl timer show 12', 'phonectl timer show 12 --json'];
  static override args = { task: integer({ description: 'Number of the timer.', required: true, min: 1 }) };
  static override flags = viewFlags;
  static override view = showView<Timer>([...DETAIL_COLUMNS, { name: 'next', header: 'NEXT TIMES', kind: 'list' }], {
    nameField: 'id',
    more: (timer, style) => (timer.runs === 0 ? [] : detailLines(timer, style)),
  });

  override async run(): Promise<Timer> {
    const { args } = await this.parse(TimerShow);
    return await this.phonectl.timers.show({ task: args.task }, { signal: this.signal });
  }
}
