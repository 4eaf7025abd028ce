import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { chosenSites, permissionList, siteChoiceFlags } from '../../cli/role-flags.ts';
import type { Role } from '../../sdk/roles/roles.ts';

export default class RoleEdit extends PhonectlCommand<Role> {
  static override summary = 'Changes a role, at once for everybody who holds it.';
  static override examples = [
    'phonectl role edit helpdesk --grant device:check-sync --revoke device:reboot',
    'phonectl role edit helpdesk --site HQ --site Berlin',
  ];
  static override args = { role: stringArg({ required: true, description: 'Name of the role.' }) };
  static override flags = {
    ...writeFlags,
    ...siteChoiceFlags,
    grant: string({
      summary: 'Permissions to add, with commas between. Repeatable.',
      helpValue: 'LIST',
      multiple: true,
    }),
    revoke: string({
      summary: 'Permissions to take away, with commas between. Repeatable.',
      helpValue: 'LIST',
      multiple: true,
    }),
    name: string({ summary: 'New name.', helpValue: 'NAME' }),
    group: string({ summary: 'Group of the role.', helpValue: 'GROUP' }),
    description: string({ summary: 'What the role is for.', helpValue: 'TEXT' }),
  };
  static override view = doneView<Role>(({ name }) => `Role ${name} changed.`);

  override async run(): Promise<Role> {
    const { args, flags } = await this.parse(RoleEdit);
    return await this.phonectl.roles.edit(
      {
        role: args.role,
        name: flags.name,
        grant: permissionList(flags.grant),
        revoke: permissionList(flags.revoke),
        sites: chosenSites(flags),
        group: flags.group,
        description: flags.description,
        dryRun: flags['dry-run'],
      },
      { signal: this.signal },
    );
  }
}
