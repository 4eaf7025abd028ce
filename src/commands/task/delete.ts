import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { changedTaskView } from '../../cli/task-views.ts';
import type { ChangedTask } from '../../sdk/tasks/change.ts';

export default class TaskDelete extends PhonectlCommand<ChangedTask> {
  static override summary = 'Deletes a task with its results; never one in progress.';
  static override examples = ['phonectl task delete 118', 'phonectl task delete 118 --yes'];
  static override args = { task: integer({ description: 'Number of the task.', required: true, min: 1 }) };
  static override flags = writeFlags;
  static override view = changedTaskView;

  override async run(): Promise<ChangedTask> {
    const { args, flags } = await this.parse(TaskDelete);
    const { tasks } = this.phonectl;
    const plan = await tasks.delete({ task: args.task, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', 1, `delete task ${plan.name}`);
    return await tasks.delete({ task: args.task }, { signal: this.signal });
  }
}
