import { string } from '@oclif/core/args';
import { doneView } from '../../../cli/access-views.ts';
import { PhonectlCommand } from '../../../cli/base.ts';
import { writeFlags } from '../../../cli/flags.ts';

export default class RoleGroupDelete extends PhonectlCommand<{ deleted: string }> {
  static override summary = 'Deletes an empty group of roles.';
  static override examples = ['phonectl role group delete Support', 'phonectl role group delete Support --yes'];
  static override args = { group: string({ required: true, description: 'Name of the group.' }) };
  static override flags = writeFlags;
  static override view = doneView<{ deleted: string }>(({ deleted }) => `Group ${deleted} deleted.`);

  override async run(): Promise<{ deleted: string }> {
    const { args, flags } = await this.parse(RoleGroupDelete);
    const plan = await this.phonectl.roles.deleteGroup({ group: args.group, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', 1, `delete the group ${plan.deleted}`);
    return await this.phonectl.roles.deleteGroup({ group: args.group }, { signal: this.signal });
  }
}
