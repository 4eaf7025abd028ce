import { namesArg, ScopeCommand, unsetFlags } from '../../../cli/scope-commands.ts';
import type { ProfileWritten } from '../../../sdk/profiles/write.ts';

export default class ConfigGlobalUnset extends ScopeCommand {
  static override summary = 'Takes away what was set for all phones of a vendor.';
  static override description = 'Lower layers then decide, or the default of the phone.';
  static override examples = [
    'phonectl config global unset voIpProt.server.1.expires --dry-run',
    'phonectl config global unset voIpProt.server.1.expires --push',
  ];
  static override args = namesArg;
  static override flags = unsetFlags;

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ConfigGlobalUnset);
    return await this.unsetAt({ global: true }, args.parameters, flags);
  }
}
