import { string } from '@oclif/core/args';
import { ScopeCommand, setFlags, valuesArg } from '../../../cli/scope-commands.ts';
import type { ProfileWritten } from '../../../sdk/profiles/write.ts';

export default class ConfigSiteSet extends ScopeCommand {
  static override summary = 'Sets parameters for the phones of a site and the sites below it.';
  static override description =
    'It lies in a profile of its own, which is made and assigned when it is first set. --push brings it to the phones at once; else they get it at their next poll.';
  static override examples = [
    'phonectl config site set Berlin tcpIpApp.sntp.address=ntp.example.net --dry-run',
    'phonectl config site set Berlin tcpIpApp.sntp.address=ntp.example.net --push',
  ];
  static override args = { site: string({ required: true, description: 'Name or id of the site.' }), ...valuesArg };
  static override flags = setFlags;

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ConfigSiteSet);
    return await this.setAt({ site: args.site }, args.parameters, flags);
  }
}
