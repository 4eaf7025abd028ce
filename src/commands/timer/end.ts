import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { changedTaskView } from '../../cli/task-views.ts';
import type { ChangedTask } from '../../sdk/tasks/change.ts';

export default class TimerEnd extends PhonectlCommand<ChangedTask> {
  static override summary = 'Ends a timer: it never runs again.';
  static override description = 'A run in progress is finished.';
  static override examples = ['phonectl timer end 12', 'phonectl timer end 12 --yes'];
  static override args = { task: integer({ description: 'Number of the timer.', required: true, min: 1 }) };
  static override flags = writeFlags;
  static override view = changedTaskView;

  override async run(): Promise<ChangedTask> {
    const { args, flags } = await this.parse(TimerEnd);
    const { timers } = this.phonectl;
    const plan = await timers.end({ task: args.task, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', 1, `end timer ${plan.name}`);
    return await timers.end({ task: args.task }, { signal: this.signal });
  }
}
