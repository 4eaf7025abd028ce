import { PhonectlCommand } from '../../../cli/base.ts';
import { PROFILE_COLUMNS, profileParts } from '../../../cli/columns/profiles.ts';
import { showFlags } from '../../../cli/scope-commands.ts';
import { showView } from '../../../cli/view.ts';
import type { ProfileDetail } from '../../../sdk/profiles/read.ts';

export default class ConfigGlobalShow extends PhonectlCommand<ProfileDetail> {
  static override summary = 'Shows what was set for all phones of a vendor (CFG-09).';
  static override examples = [
    'phonectl config global show --vendor poly',
    'phonectl config global show --vendor poly --json',
  ];
  static override flags = showFlags;
  static override view = showView<ProfileDetail>(
    PROFILE_COLUMNS.map(({ extra: _, ...column }) => column),
    { more: profileParts },
  );

  override async run(): Promise<ProfileDetail> {
    const { flags } = await this.parse(ConfigGlobalShow);
    return await this.phonectl.profiles.showScope(
      { target: { global: true }, vendor: flags.vendor, reveal: flags.reveal },
      { signal: this.signal },
    );
  }
}
