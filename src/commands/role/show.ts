import { string } from '@oclif/core/args';
import { roleColumns } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { Role } from '../../sdk/roles/roles.ts';

export default class RoleShow extends PhonectlCommand<Role> {
  static override summary = 'Shows a role.';
  static override examples = ['phonectl role show helpdesk', 'phonectl role show super --json'];
  static override args = { role: string({ required: true, description: 'Name of the role.' }) };
  static override flags = viewFlags;
  static override view = showView<Role>(roleColumns.map((column) => ({ ...column, extra: false })));

  override async run(): Promise<Role> {
    const { args } = await this.parse(RoleShow);
    return await this.phonectl.roles.show({ role: args.role }, { signal: this.signal });
  }
}
