import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { taskEditFlags, taskEditInput } from '../../cli/task-edit.ts';
import { changedTaskView } from '../../cli/task-views.ts';
import type { ChangedTask } from '../../sdk/tasks/change.ts';

export default class TaskEdit extends PhonectlCommand<ChangedTask> {
  static override summary = 'Changes a task that waits for its time: its name, its devices, its time, how it goes.';
  static override description = 'A selection replaces the old one as a whole. A task that has begun cannot be edited.';
  static override examples = [
    'phonectl task edit 118 --at 23:00',
    'phonectl task edit 118 --site Berlin --concurrency 10',
    'phonectl task edit 118 --name "Reboot after the move"',
  ];
  static override args = { task: integer({ description: 'Number of the task.', required: true, min: 1 }) };
  static override flags = taskEditFlags;
  static override view = changedTaskView;

  override async run(): Promise<ChangedTask> {
    const { args, flags } = await this.parse(TaskEdit);
    const changed = await this.phonectl.tasks.edit(taskEditInput(args.task, flags), { signal: this.signal });
    for (const warning of changed.warnings ?? []) this.warning(warning);
    return changed;
  }
}
