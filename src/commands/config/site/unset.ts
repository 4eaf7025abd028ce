import { string } from '@oclif/core/args';
import { namesArg, ScopeCommand, unsetFlags } from '../../../cli/scope-commands.ts';
import type { ProfileWritten } from '../../../sdk/profiles/write.ts';

export default class ConfigSiteUnset extends ScopeCommand {
  static override summary = 'Takes away what was set for the phones of a site and the sites below it.';
  static override description = 'Lower layers then decide, or the default of the phone.';
  static override examples = [
    'phonectl config site unset Berlin tcpIpApp.sntp.address --dry-run',
    'phonectl config site unset Berlin tcpIpApp.sntp.address --push',
  ];
  static override args = { site: string({ required: true, description: 'Name or id of the site.' }), ...namesArg };
  static override flags = unsetFlags;

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ConfigSiteUnset);
    return await this.unsetAt({ site: args.site }, args.parameters, flags);
  }
}
