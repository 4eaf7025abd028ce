import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../../cli/base.ts';
import { PROFILE_COLUMNS, profileParts } from '../../../cli/columns/profiles.ts';
import { showFlags } from '../../../cli/scope-commands.ts';
import { showView } from '../../../cli/view.ts';
import type { ProfileDetail } from '../../../sdk/profiles/read.ts';

export default class ConfigGroupShow extends PhonectlCommand<ProfileDetail> {
  static override summary = 'Shows what was set for the phones of a group (CFG-09).';
  static override examples = [
    'phonectl config group show lobby --vendor poly',
    'phonectl config group show lobby --vendor poly --json',
  ];
  static override args = { group: string({ required: true, description: 'Name or id of the group.' }) };
  static override flags = showFlags;
  static override view = showView<ProfileDetail>(
    PROFILE_COLUMNS.map(({ extra: _, ...column }) => column),
    { more: profileParts },
  );

  override async run(): Promise<ProfileDetail> {
    const { args, flags } = await this.parse(ConfigGroupShow);
    return await this.phonectl.profiles.showScope(
      { target: { group: args.group }, vendor: flags.vendor, reveal: flags.reveal },
      { signal: this.signal },
    );
  }
}
