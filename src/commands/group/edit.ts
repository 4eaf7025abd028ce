import { string } from '@oclif/core/args';
import { string as stringFlag } from '@oclif/core/flags';
import { groupsWrittenView } from '../../cli/columns/groups.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { UsageValueError } from '../../cli/usage-error.ts';
import type { GroupsWritten } from '../../sdk/groups/write.ts';

const DEVICE = { helpValue: 'DEVICE', multiple: true } as const;

export default class GroupEdit extends PushingCommand<GroupsWritten> {
  static override summary = 'Changes a device group.';
  static override description = 'Many devices by site, model and the like: phonectl group member add.';
  static override examples = [
    'phonectl group edit lobby --name "Lobby and bar"',
    'phonectl group edit lobby --add-device 0004f2abcdef --remove-device 1007',
  ];
  static override args = { group: string({ required: true, description: 'Name or id.' }) };
  static override flags = {
    ...pushFlags,
    name: stringFlag({ summary: 'New name.', helpValue: 'NAME' }),
    description: stringFlag({ char: 'd', summary: 'Description.', helpValue: 'TEXT' }),
    'add-device': stringFlag({ summary: 'A device to put in. Repeatable.', ...DEVICE }),
    'remove-device': stringFlag({ summary: 'A device to take out. Repeatable.', ...DEVICE }),
  };
  static override view = groupsWrittenView('changed');

  override async run(): Promise<GroupsWritten> {
    const { args, flags } = await this.parse(GroupEdit);
    const changes = {
      ...(flags.name !== undefined && { name: flags.name }),
      ...(flags.description !== undefined && { description: flags.description }),
      ...(flags['add-device'] && { addDevices: { refs: flags['add-device'] } }),
      ...(flags['remove-device'] && { removeDevices: { refs: flags['remove-device'] } }),
    };
    if (Object.keys(changes).length === 0) throw new UsageValueError('Nothing to change was given.');
    return await this.phonectl.groups.edit(
      { group: args.group, ...changes, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
