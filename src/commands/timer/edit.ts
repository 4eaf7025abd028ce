import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { taskEditFlags, taskEditInput } from '../../cli/task-edit.ts';
import { changedTaskView } from '../../cli/task-views.ts';
import type { ChangedTask } from '../../sdk/tasks/change.ts';

export default class TimerEdit extends PhonectlCommand<ChangedTask> {
  static override summary = 'Changes a timer between two runs: its name, its devices, its times, how it goes.';
  static override description =
    'A selection replaces the old one as a whole. A timer that is being executed cannot be edited.';
  static override examples = [
    'phonectl timer edit 12 --repeat daily --at 23:00',
    'phonectl timer edit 12 --site Berlin --concurrency 10',
    'phonectl timer edit 12 --name "Nightly reboot"',
  ];
  static override args = { task: integer({ description: 'Number of the timer.', required: true, min: 1 }) };
  static override flags = taskEditFlags;
  static override view = changedTaskView;

  override async run(): Promise<ChangedTask> {
    const { args, flags } = await this.parse(TimerEdit);
    const changed = await this.phonectl.timers.edit(taskEditInput(args.task, flags), { signal: this.signal });
    for (const warning of changed.warnings ?? []) this.warning(warning);
    return changed;
  }
}
