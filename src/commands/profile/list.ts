import { PhonectlCommand } from '../../cli/base.ts';
import { PROFILE_COLUMNS } from '../../cli/columns/profiles.ts';
import { choice, listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { ProfileRow } from '../../sdk/profiles/read.ts';

export default class ProfileList extends PhonectlCommand<AsyncIterable<ProfileRow>> {
  static override summary = 'Lists the configuration profiles.';
  static override description =
    'Shipped ones are standard, those of a firmware image software, those of the CSV import imported, the others user.';
  static override examples = [
    'phonectl profile list',
    'phonectl profile list --type user --vendor poly',
    'phonectl profile list --search autoAnswer --json',
  ];
  static override aliases = ['profile:ls'];
  static override flags = {
    ...listFlags,
    vendor: choice(['poly', 'yealink', 'cisco'], { summary: 'Only profiles for this vendor.' }),
    type: choice(['standard', 'user', 'software', 'imported'], { summary: 'Only profiles of this type.' }),
  };
  static override view = listView<ProfileRow>(PROFILE_COLUMNS, {
    empty: 'No profiles fit. Add one: phonectl profile add NAME --vendor VENDOR',
    sdk: ['search'],
  });

  override async run(): Promise<AsyncIterable<ProfileRow>> {
    const { flags } = await this.parse(ProfileList);
    const { search } = this.query();
    return this.phonectl.profiles.list(
      { search, vendor: flags.vendor, types: flags.type === undefined ? undefined : [flags.type] },
      { signal: this.signal },
    );
  }
}
