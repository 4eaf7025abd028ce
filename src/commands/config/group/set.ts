import { string } from '@oclif/core/args';
import { ScopeCommand, setFlags, valuesArg } from '../../../cli/scope-commands.ts';
import type { ProfileWritten } from '../../../sdk/profiles/write.ts';

export default class ConfigGroupSet extends ScopeCommand {
  static override summary = 'Sets parameters for the phones of a group.';
  static override description =
    'It lies in a profile of its own, which is made and assigned when it is first set. --push brings it to the phones at once; else they get it at their next poll.';
  static override examples = [
    'phonectl config group set lobby call.autoAnswer.SIP=1 --dry-run',
    'phonectl config group set lobby call.autoAnswer.SIP=1 --push',
  ];
  static override args = { group: string({ required: true, description: 'Name or id of the group.' }), ...valuesArg };
  static override flags = setFlags;

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ConfigGroupSet);
    return await this.setAt({ group: args.group }, args.parameters, flags);
  }
}
