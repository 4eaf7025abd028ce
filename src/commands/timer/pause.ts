import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { changedTaskView } from '../../cli/task-views.ts';
import type { ChangedTask } from '../../sdk/tasks/change.ts';

export default class TimerPause extends PhonectlCommand<ChangedTask> {
  static override summary = 'Leaves the times of a timer out until it is resumed.';
  static override examples = ['phonectl timer pause 12', 'phonectl timer pause 12 --json'];
  static override args = { task: integer({ description: 'Number of the timer.', required: true, min: 1 }) };
  static override flags = writeFlags;
  static override view = changedTaskView;

  override async run(): Promise<ChangedTask> {
    const { args, flags } = await this.parse(TimerPause);
    const input = { task: args.task, dryRun: flags['dry-run'] };
    return await this.phonectl.timers.pause(input, { signal: this.signal });
  }
}
