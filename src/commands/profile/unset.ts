import { string } from '@oclif/core/args';
import { profileWrittenView } from '../../cli/columns/profiles.ts';
import { changeFlags, changeInput, profileArg } from '../../cli/profile-flags.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import type { ProfileWritten } from '../../sdk/profiles/write.ts';

export default class ProfileUnset extends PushingCommand<ProfileWritten> {
  static override summary = 'Takes parameters out of a profile.';
  static override description = 'Lower layers then decide, or the default of the phone.';
  static override examples = [
    'phonectl profile unset auto-answer call.autoAnswer.SIP',
    'phonectl profile unset berlin tcpIpApp.sntp.address voIpProt.server.1.expires --dry-run',
  ];
  static override args = {
    ...profileArg,
    parameters: string({ multiple: true, required: true, description: 'Names of the parameters.' }),
  };
  static override flags = changeFlags;
  static override view = profileWrittenView('changed');

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ProfileUnset);
    return await this.phonectl.profiles.set(
      { ...changeInput(flags), profile: args.profile, unset: args.parameters },
      { signal: this.signal },
    );
  }
}
