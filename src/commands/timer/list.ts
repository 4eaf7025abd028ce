import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { choice, listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { TaskSummary } from '../../sdk/tasks/read.ts';

export default class TimerList extends PhonectlCommand<AsyncIterable<TaskSummary>> {
  static override summary = 'Lists the timers.';
  static override examples = [
    'phonectl timer list',
    'phonectl timer list --state paused --json',
    'phonectl timer list --search nightly',
  ];
  static override flags = {
    ...listFlags,
    type: string({ summary: 'Only timers of this type: reboot, check-sync.', helpValue: 'TYPE' }),
    state: choice(['scheduled', 'executing', 'paused', 'ended'], { summary: 'Only timers in this state.' }),
  };
  static override view = listView<TaskSummary>(
    [
      { name: 'id', kind: 'number' },
      { name: 'state', kind: 'state' },
      { name: 'name' },
      { name: 'type', priority: 4 },
      { name: 'when' },
      { name: 'nextAt', header: 'NEXT', kind: 'time', priority: 1 },
      { name: 'runs', kind: 'number', priority: 5 },
      { name: 'startedAt', header: 'LAST', kind: 'time', priority: 3 },
      { name: 'success', kind: 'number', get: ({ counters }) => counters.success, priority: 2 },
      { name: 'failure', kind: 'number', get: ({ counters }) => counters.failure, priority: 2 },
      { name: 'reason', extra: true },
      { name: 'createdBy', header: 'BY', extra: true },
      { name: 'createdAt', header: 'CREATED', kind: 'time', extra: true },
    ],
    { empty: 'No timers yet. `phonectl timer add --type reboot …` makes one.', sdk: ['search'] },
  );

  override async run(): Promise<AsyncIterable<TaskSummary>> {
    const { flags } = await this.parse(TimerList);
    return this.phonectl.timers.list(
      {
        ...this.query(),
        ...(flags.type !== undefined && { type: flags.type }),
        ...(flags.state !== undefined && { state: flags.state }),
      },
      { signal: this.signal },
    );
  }
}
