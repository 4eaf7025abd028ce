import { string } from '@oclif/core/args';
import { boolean, string as stringFlag } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { groupsWrittenView } from '../../cli/columns/groups.ts';
import { writeFlags } from '../../cli/flags.ts';
import { readJsonLines } from '../../cli/json-lines.ts';
import { UsageValueError } from '../../cli/usage-error.ts';
import type { GroupsWritten, NewGroup } from '../../sdk/groups/write.ts';

export default class GroupAdd extends PhonectlCommand<GroupsWritten> {
  static override summary = 'Adds device groups.';
  static override description = 'A new group comes last in the order. Several are added all together or not at all.';
  static override examples = [
    'phonectl group add lobby --description "Phones that guests use"',
    'phonectl group add bar --device 0004f2abcdef --device 1007',
    `echo '{"name":"kitchen"}' | phonectl group add --stdin`,
  ];
  static override args = { names: string({ multiple: true, description: 'Names of the new groups.' }) };
  static override flags = {
    ...writeFlags,
    description: stringFlag({ char: 'd', summary: 'Description.', helpValue: 'TEXT' }),
    device: stringFlag({
      summary: 'A first device: MAC, serial number, name, extension, address or id. Repeatable.',
      helpValue: 'DEVICE',
      multiple: true,
    }),
    stdin: boolean({ summary: 'Read groups as JSON lines from stdin.' }),
  };
  static override view = groupsWrittenView('added');

  override async run(): Promise<GroupsWritten> {
    const { args, flags } = await this.parse(GroupAdd);
    const names = args.names ?? [];
    if (names.length === 0 && !flags.stdin) throw new UsageValueError('Name at least one group, or give --stdin.');
    const groups = [
      ...names.map((name) => ({ name, description: flags.description })),
      ...(flags.stdin ? await readJsonLines<NewGroup>() : []),
    ];
    return await this.phonectl.groups.add(
      { groups, dryRun: flags['dry-run'], ...(flags.device && { devices: { refs: flags.device } }) },
      { signal: this.signal },
    );
  }
}
