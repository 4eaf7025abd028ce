import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../../cli/base.ts';
import { PROFILE_COLUMNS, profileParts } from '../../../cli/columns/profiles.ts';
import { showFlags } from '../../../cli/scope-commands.ts';
import { showView } from '../../../cli/view.ts';
import type { ProfileDetail } from '../../../sdk/profiles/read.ts';

export default class ConfigSiteShow extends PhonectlCommand<ProfileDetail> {
  static override summary = 'Shows what was set for the phones of a site and the sites below it (CFG-09).';
  static override examples = [
    'phonectl config site show Berlin --vendor poly',
    'phonectl config site show Berlin --vendor poly --json',
  ];
  static override args = { site: string({ required: true, description: 'Name or id of the site.' }) };
  static override flags = showFlags;
  static override view = showView<ProfileDetail>(
    PROFILE_COLUMNS.map(({ extra: _, ...column }) => column),
    { more: profileParts },
  );

  override async run(): Promise<ProfileDetail> {
    const { args, flags } = await this.parse(ConfigSiteShow);
    return await this.phonectl.profiles.showScope(
      { target: { site: args.site }, vendor: flags.vendor, reveal: flags.reveal },
      { signal: this.signal },
    );
  }
}
