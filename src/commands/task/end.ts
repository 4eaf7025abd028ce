import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { changedTaskView } from '../../cli/task-views.ts';
import type { ChangedTask } from '../../sdk/tasks/change.ts';

export default class TaskEnd extends PhonectlCommand<ChangedTask> {
  static override summary = 'Ends a task: the devices that were not begun are left out.';
  static override description =
    'What is in flight is finished. It cannot be resumed; `phonectl task retry` still takes those that failed.';
  static override examples = ['phonectl task end 118', 'phonectl task end 118 --dry-run'];
  static override args = { task: integer({ description: 'Number of the task.', required: true, min: 1 }) };
  static override flags = writeFlags;
  static override view = changedTaskView;

  override async run(): Promise<ChangedTask> {
    const { args, flags } = await this.parse(TaskEnd);
    const { tasks } = this.phonectl;
    const plan = await tasks.end({ task: args.task, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', 1, `end task ${plan.name}`);
    return await tasks.end({ task: args.task }, { signal: this.signal });
  }
}
