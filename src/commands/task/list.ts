import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { choice, listFlags } from '../../cli/flags.ts';
import { TASK_COLUMNS, TASK_STATES } from '../../cli/task-views.ts';
import { pastFlag, pastMoment } from '../../cli/time-flags.ts';
import { listView } from '../../cli/view.ts';
import type { TaskSummary } from '../../sdk/operations/tasks.ts';

export default class TaskList extends PhonectlCommand<AsyncIterable<TaskSummary>> {
  static override summary = 'Lists the tasks, newest first.';
  static override examples = [
    'phonectl task list',
    'phonectl task list --type reboot --since 2026-11-01',
    'phonectl task list --state executing --json',
  ];
  static override flags = {
    ...listFlags,
    type: string({ summary: 'Only tasks of this type: reboot, check-sync.', helpValue: 'TYPE' }),
    state: choice(TASK_STATES, { summary: 'Only tasks in this state.' }),
    since: pastFlag('since', 'Only tasks made at or after this time.'),
    until: pastFlag('until', 'Only tasks made before this time.'),
  };
  static override view = listView<TaskSummary>(TASK_COLUMNS, {
    empty: 'No tasks yet. `phonectl device reboot …` makes one.',
    sdk: ['search'],
  });

  override async run(): Promise<AsyncIterable<TaskSummary>> {
    const { flags } = await this.parse(TaskList);
    return this.phonectl.tasks.list(
      {
        ...this.query(),
        ...(flags.type !== undefined && { type: flags.type }),
        ...(flags.state !== undefined && { state: flags.state }),
        ...(flags.since !== undefined && { since: pastMoment(flags.since) }),
        ...(flags.until !== undefined && { until: pastMoment(flags.until) }),
      },
      { signal: this.signal },
    );
  }
}
