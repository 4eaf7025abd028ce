import { PhonectlCommand } from '../../../cli/base.ts';
import { TASK_SETTINGS_COLUMNS } from '../../../cli/columns/settings.ts';
import { viewFlags } from '../../../cli/flags.ts';
import { showView } from '../../../cli/view.ts';
import type { TaskSettings } from '../../../sdk/tasks/retention.ts';

export default class SettingsTaskShow extends PhonectlCommand<TaskSettings> {
  static override summary = 'Shows how long the results of tasks are kept.';
  static override examples = ['phonectl settings task show', 'phonectl settings task show --json'];
  static override flags = viewFlags;
  static override view = showView<TaskSettings>(TASK_SETTINGS_COLUMNS);

  override async run(): Promise<TaskSettings> {
    await this.parse(SettingsTaskShow);
    return await this.phonectl.settings.tasks({}, { signal: this.signal });
  }
}
