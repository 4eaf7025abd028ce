import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../../cli/base.ts';
import { GROUP_COLUMNS } from '../../../cli/columns/groups.ts';
import { writeFlags } from '../../../cli/flags.ts';
import { listView } from '../../../cli/view.ts';
import type { Group } from '../../../sdk/groups/group.ts';

export default class GroupDefaultSet extends PhonectlCommand<readonly Group[]> {
  static override summary = 'Sets the groups that auto-added devices get, highest first.';
  static override examples = ['phonectl group default set new-phones', 'phonectl group default set lobby new-phones'];
  static override args = {
    groups: string({ multiple: true, required: true, description: 'Names or ids, in their order.' }),
  };
  static override flags = writeFlags;
  static override view = listView<Group>(GROUP_COLUMNS);

  override async run(): Promise<readonly Group[]> {
    const { args, flags } = await this.parse(GroupDefaultSet);
    const groups = await this.references(args.groups);
    return (await this.phonectl.groups.setDefaults({ groups, dryRun: flags['dry-run'] }, { signal: this.signal }))
      .groups;
  }
}
