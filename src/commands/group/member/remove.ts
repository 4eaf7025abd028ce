import { string } from '@oclif/core/args';
import { groupsWrittenView } from '../../../cli/columns/groups.ts';
import { pushFlags } from '../../../cli/pushing.ts';
import { PushingCommand } from '../../../cli/pushing-command.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../../cli/selector.ts';
import type { GroupsWritten } from '../../../sdk/groups/write.ts';

export default class GroupMemberRemove extends PushingCommand<GroupsWritten> {
  static override summary = 'Takes devices out of a group.';
  static override examples = [
    'phonectl group member remove lobby 0004f2abcdef 1007',
    'phonectl group member remove lobby --site Berlin --model VVX450',
  ];
  static override args = { group: string({ required: true, description: 'Name or id of the group.' }), ...deviceArgs };
  static override flags = { ...selectorFlags, ...pushFlags };
  static override view = groupsWrittenView('changed');

  override async run(): Promise<GroupsWritten> {
    const { args, flags } = await this.parse(GroupMemberRemove);
    const removeDevices = requireSelection(toSelector(flags, await this.references(args.devices)));
    return await this.phonectl.groups.edit(
      { group: args.group, removeDevices, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
