import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { resultLines } from '../../cli/control.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { TaskDetails } from '../../sdk/operations/tasks.ts';

export default class TaskShow extends PhonectlCommand<TaskDetails> {
  static override summary = 'Shows a task with the result of each device.';
  static override examples = ['phonectl task show 118', 'phonectl task show 118 --json'];
  static override args = { task: integer({ description: 'Number of the task.', required: true, min: 1 }) };
  static override flags = viewFlags;
  static override view = showView<TaskDetails>(
    [
      { name: 'id', kind: 'number' },
      { name: 'name' },
      { name: 'type' },
      { name: 'state', kind: 'state' },
      { name: 'reason', get: ({ reason }) => reason ?? '' },
      { name: 'createdBy', header: 'BY' },
      { name: 'createdAt', header: 'CREATED', kind: 'time' },
      { name: 'startedAt', header: 'STARTED', kind: 'time' },
      { name: 'endedAt', header: 'ENDED', kind: 'time' },
      { name: 'runs', kind: 'number' },
    ],
    {
      nameField: 'id',
      more: ({ id, counters, results }, style) => {
        const { inProgress, notApplicable, ...rest } = counters;
        const summary = { ...rest, notApplicable, pending: inProgress };
        return ['', ...resultLines({ task: id, summary, results }, style)];
      },
    },
  );

  override async run(): Promise<TaskDetails> {
    const { args } = await this.parse(TaskShow);
    return await this.phonectl.tasks.show({ task: args.task }, { signal: this.signal });
  }
}
