import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { viewFlags } from '../../cli/flags.ts';
import { DETAIL_COLUMNS, detailLines } from '../../cli/task-views.ts';
import { showView } from '../../cli/view.ts';
import type { TaskDetails } from '../../sdk/operations/tasks.ts';

export default class TaskShow extends PhonectlCommand<TaskDetails> {
  static override summary = 'Shows a task with the result of each device.';
  static override examples = ['phonectl task show 118', 'phonectl task show 118 --json'];
  static override args = { task: integer({ description: 'Number of the task.', required: true, min: 1 }) };
  static override flags = viewFlags;
  static override view = showView<TaskDetails>(DETAIL_COLUMNS, { nameField: 'id', more: detailLines });

  override async run(): Promise<TaskDetails> {
    const { args } = await this.parse(TaskShow);
    return await this.phonectl.tasks.show({ task: args.task }, { signal: this.signal });
  }
}
