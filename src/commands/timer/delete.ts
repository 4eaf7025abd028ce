import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { changedTaskView } from '../../cli/task-views.ts';
import type { ChangedTask } from '../../sdk/tasks/change.ts';

export default class TimerDelete extends PhonectlCommand<ChangedTask> {
  static override summary = 'Deletes a timer with its results; never one in progress.';
  static override examples = ['phonectl timer delete 12', 'phonectl timer delete 12 --yes'];
  static override args = { task: integer({ description: 'Number of the timer.', required: true, min: 1 }) };
  static override flags = writeFlags;
  static override view = changedTaskView;

  override async run(): Promise<ChangedTask> {
    const { args, flags } = await this.parse(TimerDelete);
    const { timers } = this.phonectl;
    const plan = await timers.delete({ task: args.task, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', 1, `delete timer ${plan.name}`);
    return await timers.delete({ task: args.task }, { signal: this.signal });
  }
}
