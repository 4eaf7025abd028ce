import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { profileWrittenView } from '../../cli/columns/profiles.ts';
import { changeInput, newProfileFlags, profileArg } from '../../cli/profile-flags.ts';
import type { ProfileWritten } from '../../sdk/profiles/write.ts';

export default class ProfileCopy extends PhonectlCommand<ProfileWritten> {
  static override summary = 'Copies a profile under a new name.';
  static override description = 'The way to change a standard profile, and to fill in one that ends in -TEMPLATE.';
  static override examples = [
    'phonectl profile copy berlin paris',
    'phonectl profile copy AdminPassword-Change-TEMPLATE admin-password',
  ];
  static override args = {
    ...profileArg,
    name: string({ required: true, description: 'Name of the copy.' }),
  };
  static override flags = newProfileFlags;
  static override view = profileWrittenView('added');

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ProfileCopy);
    return await this.phonectl.profiles.copy(
      { ...changeInput(flags), profile: args.profile, name: args.name },
      { signal: this.signal },
    );
  }
}
