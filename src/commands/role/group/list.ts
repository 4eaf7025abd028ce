import { PhonectlCommand } from '../../../cli/base.ts';
import { listFlags } from '../../../cli/flags.ts';
import { listView } from '../../../cli/view.ts';

interface Group {
  readonly name: string;
  readonly builtin: boolean;
  readonly roles: number;
}

export default class RoleGroupList extends PhonectlCommand<readonly Group[]> {
  static override summary = 'Lists the groups that roles are sorted into.';
  static override examples = ['phonectl role group list', 'phonectl role group list --json'];
  static override flags = listFlags;
  static override view = listView<Group>([
    { name: 'name' },
    { name: 'roles', kind: 'number' },
    { name: 'builtin', kind: 'flag' },
  ]);

  override async run(): Promise<readonly Group[]> {
    await this.parse(RoleGroupList);
    return await this.phonectl.roles.groups({}, { signal: this.signal });
  }
}
