import { profileWrittenView } from '../../cli/columns/profiles.ts';
import { changeFlags, changeInput, profileArg, targetFlags, toTarget } from '../../cli/profile-flags.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import type { ProfileWritten } from '../../sdk/profiles/write.ts';

export default class ProfileUnassign extends PushingCommand<ProfileWritten> {
  static override summary = 'Takes an assignment of a profile away.';
  static override examples = [
    'phonectl profile unassign auto-answer --site Berlin',
    'phonectl profile unassign kiosk --device lobby --dry-run',
  ];
  static override args = profileArg;
  static override flags = { ...targetFlags, ...changeFlags };
  static override view = profileWrittenView('taken away');

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ProfileUnassign);
    return await this.phonectl.profiles.unassign(
      { ...changeInput(flags), profile: args.profile, target: toTarget(flags) },
      { signal: this.signal },
    );
  }
}
