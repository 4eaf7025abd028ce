import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { changedTaskView } from '../../cli/task-views.ts';
import type { ChangedTask } from '../../sdk/tasks/change.ts';

export default class TaskCancel extends PhonectlCommand<ChangedTask> {
  static override summary = 'Cancels a task that waits for its time.';
  static override examples = ['phonectl task cancel 118', 'phonectl task cancel 118 --json'];
  static override args = { task: integer({ description: 'Number of the task.', required: true, min: 1 }) };
  static override flags = writeFlags;
  static override view = changedTaskView;

  override async run(): Promise<ChangedTask> {
    const { args, flags } = await this.parse(TaskCancel);
    const input = { task: args.task, dryRun: flags['dry-run'] };
    return await this.phonectl.tasks.cancel(input, { signal: this.signal });
  }
}
