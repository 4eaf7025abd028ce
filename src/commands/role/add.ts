import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { chosenSites, permissionList, siteChoiceFlags } from '../../cli/role-flags.ts';
import type { Role } from '../../sdk/roles/roles.ts';

export default class RoleAdd extends PhonectlCommand<Role> {
  static override summary = 'Adds a role: what may be done, and on which sites.';
  static override description =
    'A permission is device:read, device:* (everything on devices), *:read (reading everything) or *; `phonectl role ' +
    'permissions` lists them. A site stands for the sites below it too. Nobody can grant more than they hold.';
  static override examples = [
    'phonectl role add helpdesk --grant device:read,device:reboot --site HQ',
    "phonectl role add reader --grant '*:read' --all-sites",
  ];
  static override args = { name: stringArg({ required: true, description: 'Name of the role.' }) };
  static override flags = {
    ...writeFlags,
    ...siteChoiceFlags,
    grant: string({ summary: 'Permissions, with commas between. Repeatable.', helpValue: 'LIST', multiple: true }),
    group: string({ summary: 'Group of the role; default is the default group.', helpValue: 'GROUP' }),
    description: string({ summary: 'What the role is for.', helpValue: 'TEXT' }),
  };
  static override view = doneView<Role>(({ name }) => `Role ${name} added.`);

  override async run(): Promise<Role> {
    const { args, flags } = await this.parse(RoleAdd);
    return await this.phonectl.roles.add(
      {
        name: args.name,
        permissions: permissionList(flags.grant) ?? [],
        sites: chosenSites(flags) ?? [],
        group: flags.group,
        description: flags.description,
        dryRun: flags['dry-run'],
      },
      { signal: this.signal },
    );
  }
}
