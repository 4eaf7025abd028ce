import { string } from '@oclif/core/args';
import { doneView } from '../../../cli/access-views.ts';
import { PhonectlCommand } from '../../../cli/base.ts';
import { writeFlags } from '../../../cli/flags.ts';

export default class RoleGroupAdd extends PhonectlCommand<{ name: string }> {
  static override summary = 'Adds a group for roles.';
  static override examples = ['phonectl role group add Support', 'phonectl role group add Support --json'];
  static override args = { name: string({ required: true, description: 'Name of the group.' }) };
  static override flags = writeFlags;
  static override view = doneView<{ name: string }>(({ name }) => `Group ${name} added.`);

  override async run(): Promise<{ name: string }> {
    const { args, flags } = await this.parse(RoleGroupAdd);
    return await this.phonectl.roles.addGroup({ name: args.name, dryRun: flags['dry-run'] }, { signal: this.signal });
  }
}
