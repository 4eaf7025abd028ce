import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { doneView } from '../../../cli/access-views.ts';
import { PhonectlCommand } from '../../../cli/base.ts';
import { writeFlags } from '../../../cli/flags.ts';

export default class RoleGroupEdit extends PhonectlCommand<{ name: string }> {
  static override summary = 'Renames a group of roles.';
  static override examples = [
    'phonectl role group edit Support --name Helpdesk',
    'phonectl role group edit Support --name Helpdesk --dry-run',
  ];
  static override args = { group: stringArg({ required: true, description: 'Name of the group.' }) };
  static override flags = {
    ...writeFlags,
    name: string({ summary: 'New name.', helpValue: 'NAME', required: true }),
  };
  static override view = doneView<{ name: string }>(({ name }) => `The group is called ${name}.`);

  override async run(): Promise<{ name: string }> {
    const { args, flags } = await this.parse(RoleGroupEdit);
    return await this.phonectl.roles.renameGroup(
      { group: args.group, name: flags.name, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
