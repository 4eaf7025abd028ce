import { ScopeCommand, setFlags, valuesArg } from '../../../cli/scope-commands.ts';
import type { ProfileWritten } from '../../../sdk/profiles/write.ts';

export default class ConfigGlobalSet extends ScopeCommand {
  static override summary = 'Sets parameters for all phones of a vendor.';
  static override description =
    'It lies in a profile of its own, which is made and assigned when it is first set. --push brings it to the phones at once; else they get it at their next poll.';
  static override examples = [
    'phonectl config global set voIpProt.server.1.expires=300 --dry-run',
    'phonectl config global set voIpProt.server.1.expires=300 --push',
  ];
  static override args = valuesArg;
  static override flags = setFlags;

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ConfigGlobalSet);
    return await this.setAt({ global: true }, args.parameters, flags);
  }
}
