import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { PROFILE_COLUMNS, profileParts } from '../../cli/columns/profiles.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { ProfileDetail } from '../../sdk/profiles/read.ts';

export default class ProfileShow extends PhonectlCommand<ProfileDetail | ProfileDetail[]> {
  static override summary = 'Shows profiles: their parameters and where they are assigned.';
  static override examples = [
    'phonectl profile show no-answer',
    'phonectl profile show no-answer --json',
    'phonectl profile show wifi --reveal',
  ];
  static override args = {
    profiles: string({ multiple: true, required: true, description: 'Names or ids; - reads them from stdin.' }),
  };
  static override flags = {
    ...viewFlags,
    reveal: boolean({ summary: 'Show the secrets; this needs its permission and is recorded.' }),
  };
  static override view = showView<ProfileDetail>(
    PROFILE_COLUMNS.map(({ extra: _, ...column }) => column),
    { more: profileParts },
  );

  override async run(): Promise<ProfileDetail | ProfileDetail[]> {
    const { args, flags } = await this.parse(ProfileShow);
    const found: ProfileDetail[] = [];
    for (const profile of await this.references(args.profiles)) {
      found.push(await this.phonectl.profiles.show({ profile, reveal: flags.reveal }, { signal: this.signal }));
    }
    return found.length === 1 ? found[0]! : found;
  }
}
