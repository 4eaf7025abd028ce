import { PhonectlCommand } from '../../../cli/base.ts';
import { writeFlags } from '../../../cli/flags.ts';
import { textView } from '../../../cli/view.ts';

interface Cleared {
  readonly groups: readonly unknown[];
}

export default class GroupDefaultClear extends PhonectlCommand<Cleared> {
  static override summary = 'Lets auto-added devices get no group.';
  static override examples = ['phonectl group default clear', 'phonectl group default clear --dry-run'];
  static override flags = writeFlags;
  static override view = textView<Cleared>(() => 'There are no default groups now.');

  override async run(): Promise<Cleared> {
    const { flags } = await this.parse(GroupDefaultClear);
    return await this.phonectl.groups.setDefaults({ groups: [], dryRun: flags['dry-run'] }, { signal: this.signal });
  }
}
