import { integer } from '@oclif/core/flags';
import { PhonectlCommand } from '../../../cli/base.ts';
import { TASK_SETTINGS_COLUMNS } from '../../../cli/columns/settings.ts';
import { viewFlags, writeFlags } from '../../../cli/flags.ts';
import { showView } from '../../../cli/view.ts';
import type { TaskSettings } from '../../../sdk/tasks/retention.ts';

export default class SettingsTaskEdit extends PhonectlCommand<TaskSettings> {
  static override summary = 'Changes how long the results of tasks are kept.';
  static override description =
    'After these days the result of each device goes, and with it what `task show` lists and `task retry` needs. The task ' +
    'itself, its runs and how many devices did it stay. `phonectl serve` removes what is too old every hour. Office hours, ' +
    'of which timers warn, belong to sites: `phonectl site edit`.';
  static override examples = [
    'phonectl settings task edit --result-days 365',
    'phonectl settings task edit --result-days 14 --dry-run',
  ];
  static override flags = {
    ...viewFlags,
    ...writeFlags,
    'result-days': integer({
      summary: 'Days that results are kept; 90 unless you say otherwise.',
      helpValue: 'N',
      min: 1,
      max: 3650,
      required: true,
    }),
  };
  static override view = showView<TaskSettings>(TASK_SETTINGS_COLUMNS);

  override async run(): Promise<TaskSettings> {
    const { flags } = await this.parse(SettingsTaskEdit);
    return await this.phonectl.settings.editTasks(
      { resultDays: flags['result-days'], dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
