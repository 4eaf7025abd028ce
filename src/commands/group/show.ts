import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { GROUP_COLUMNS } from '../../cli/columns/groups.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { Group } from '../../sdk/groups/group.ts';

export default class GroupShow extends PhonectlCommand<Group | Group[]> {
  static override summary = 'Shows device groups.';
  static override description = 'Its devices: phonectl device list --group NAME.';
  static override examples = ['phonectl group show lobby', 'phonectl group show lobby bar --json'];
  static override args = {
    groups: string({ multiple: true, required: true, description: 'Names or ids; - reads them from stdin.' }),
  };
  static override flags = viewFlags;
  static override view = showView<Group>(GROUP_COLUMNS.map(({ extra: _, ...column }) => column));

  override async run(): Promise<Group | Group[]> {
    const { args } = await this.parse(GroupShow);
    const found: Group[] = [];
    for (const group of await this.references(args.groups)) {
      found.push(await this.phonectl.groups.show({ group }, { signal: this.signal }));
    }
    return found.length === 1 ? found[0]! : found;
  }
}
