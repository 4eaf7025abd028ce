import { string } from '@oclif/core/args';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { Group } from '../../sdk/groups/group.ts';

export default class GroupTop extends PushingCommand<Group> {
  static override summary = 'Makes a group the highest of all groups of each of its devices.';
  static override examples = ['phonectl group top lobby', 'phonectl group top lobby --dry-run --json'];
  static override args = { group: string({ required: true, description: 'Name or id.' }) };
  static override flags = pushFlags;
  static override view = textView<Group>(
    (group, style) =>
      `${style.paint('green', style.symbol('ok'))} ${cleanText(group.name)} is the highest group of ` +
      `${count(group.deviceCount, 'device')} now.`,
  );

  override async run(): Promise<Group> {
    const { args, flags } = await this.parse(GroupTop);
    return await this.phonectl.groups.top({ group: args.group, dryRun: flags['dry-run'] }, { signal: this.signal });
  }
}
