import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { changedTaskView } from '../../cli/task-views.ts';
import type { ChangedTask } from '../../sdk/tasks/change.ts';

export default class TaskPause extends PhonectlCommand<ChangedTask> {
  static override summary = 'Stops a task from beginning further devices.';
  static override description =
    'What is in flight is finished, wherever the task runs. A task that waits for its time is not run then.';
  static override examples = ['phonectl task pause 118', 'phonectl task pause 118 --json'];
  static override args = { task: integer({ description: 'Number of the task.', required: true, min: 1 }) };
  static override flags = writeFlags;
  static override view = changedTaskView;

  override async run(): Promise<ChangedTask> {
    const { args, flags } = await this.parse(TaskPause);
    const input = { task: args.task, dryRun: flags['dry-run'] };
    return await this.phonectl.tasks.pause(input, { signal: this.signal });
  }
}
