import { string } from '@oclif/core/args';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';

export default class RoleDelete extends PhonectlCommand<{ deleted: string }> {
  static override summary = 'Deletes a role that nobody holds.';
  static override examples = ['phonectl role delete helpdesk', 'phonectl role delete helpdesk --dry-run'];
  static override args = { role: string({ required: true, description: 'Name of the role.' }) };
  static override flags = writeFlags;
  static override view = doneView<{ deleted: string }>(({ deleted }) => `Role ${deleted} deleted.`);

  override async run(): Promise<{ deleted: string }> {
    const { args, flags } = await this.parse(RoleDelete);
    const plan = await this.phonectl.roles.delete({ role: args.role, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', 1, `delete the role ${plan.deleted}`);
    return await this.phonectl.roles.delete({ role: args.role }, { signal: this.signal });
  }
}
