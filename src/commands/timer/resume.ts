import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { changedTaskView } from '../../cli/task-views.ts';
import type { ChangedTask } from '../../sdk/tasks/change.ts';

export default class TimerResume extends PhonectlCommand<ChangedTask> {
  static override summary = 'Lets a timer run at its times again.';
  static override examples = ['phonectl timer resume 12', 'phonectl timer resume 12 --json'];
  static override args = { task: integer({ description: 'Number of the timer.', required: true, min: 1 }) };
  static override flags = writeFlags;
  static override view = changedTaskView;

  override async run(): Promise<ChangedTask> {
    const { args, flags } = await this.parse(TimerResume);
    const input = { task: args.task, dryRun: flags['dry-run'] };
    return await this.phonectl.timers.resume(input, { signal: this.signal });
  }
}
