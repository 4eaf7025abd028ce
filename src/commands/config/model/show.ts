import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../../cli/base.ts';
import { PROFILE_COLUMNS, profileParts } from '../../../cli/columns/profiles.ts';
import { showFlags } from '../../../cli/scope-commands.ts';
import { showView } from '../../../cli/view.ts';
import type { ProfileDetail } from '../../../sdk/profiles/read.ts';

export default class ConfigModelShow extends PhonectlCommand<ProfileDetail> {
  static override summary = 'Shows what was set for the phones of a model: its template (CFG-09).';
  static override examples = [
    'phonectl config model show "VVX 450" --vendor poly',
    'phonectl config model show "VVX 450" --vendor poly --json',
  ];
  static override args = { model: string({ required: true, description: 'Name of the model.' }) };
  static override flags = showFlags;
  static override view = showView<ProfileDetail>(
    PROFILE_COLUMNS.map(({ extra: _, ...column }) => column),
    { more: profileParts },
  );

  override async run(): Promise<ProfileDetail> {
    const { args, flags } = await this.parse(ConfigModelShow);
    return await this.phonectl.profiles.showScope(
      { target: { model: args.model }, vendor: flags.vendor, reveal: flags.reveal },
      { signal: this.signal },
    );
  }
}
