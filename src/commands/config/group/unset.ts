import { string } from '@oclif/core/args';
import { namesArg, ScopeCommand, unsetFlags } from '../../../cli/scope-commands.ts';
import type { ProfileWritten } from '../../../sdk/profiles/write.ts';

export default class ConfigGroupUnset extends ScopeCommand {
  static override summary = 'Takes away what was set for the phones of a group.';
  static override description = 'Lower layers then decide, or the default of the phone.';
  static override examples = [
    'phonectl config group unset lobby call.autoAnswer.SIP --dry-run',
    'phonectl config group unset lobby call.autoAnswer.SIP --push',
  ];
  static override args = { group: string({ required: true, description: 'Name or id of the group.' }), ...namesArg };
  static override flags = unsetFlags;

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ConfigGroupUnset);
    return await this.unsetAt({ group: args.group }, args.parameters, flags);
  }
}
