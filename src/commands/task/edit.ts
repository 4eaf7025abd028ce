import { integer } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { scheduleFlags, scheduleInput, strategyFlags, strategyInput } from '../../cli/run-flags.ts';
import { selectorFlags, toSelector } from '../../cli/selector.ts';
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
  static override flags = {
    name: string({ summary: 'New name.', helpValue: 'NAME' }),
    ...selectorFlags,
    ...strategyFlags,
    ...scheduleFlags,
    ...writeFlags,
  };
  static override view = changedTaskView;

  override async run(): Promise<ChangedTask> {
    const { args, flags } = await this.parse(TaskEdit);
    const selector = toSelector(flags);
    return await this.phonectl.tasks.edit(
      {
        task: args.task,
        ...(flags.name !== undefined && { name: flags.name }),
        ...(Object.keys(selector).length > 0 && { selector }),
        ...strategyInput(flags),
        ...scheduleInput(flags),
        dryRun: flags['dry-run'],
      },
      { signal: this.signal },
    );
  }
}
