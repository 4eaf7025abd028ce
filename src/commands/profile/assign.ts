import { boolean, integer } from '@oclif/core/flags';
import { profileWrittenView } from '../../cli/columns/profiles.ts';
import { changeFlags, changeInput, profileArg, targetFlags, toTarget } from '../../cli/profile-flags.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import type { ProfileWritten } from '../../sdk/profiles/write.ts';

export default class ProfileAssign extends PushingCommand<ProfileWritten> {
  static override summary = 'Assigns a profile to all phones, or to a group, model, site or device.';
  static override description =
    'Low to high: global, group, model, site, device. What is higher wins; in one place, the smaller priority. ' +
    'Assigning again moves it. What other systems call global parameters is a profile on --global, a model template one ' +
    'on --model, a group configuration one on --group with --manual.';
  static override examples = [
    'phonectl profile assign auto-answer --site Berlin --dry-run',
    'phonectl profile assign base --global -m "First configuration"',
    'phonectl profile assign kiosk --group lobby --priority 1 --manual',
  ];
  static override args = profileArg;
  static override flags = {
    ...targetFlags,
    ...changeFlags,
    priority: integer({ summary: 'Place among the profiles there; 1 is the highest. Default: the lowest.', min: 1 }),
    manual: boolean({ summary: 'Takes effect on a phone only when it is pushed there.' }),
  };
  static override view = profileWrittenView('assigned');

  override async run(): Promise<ProfileWritten> {
    const { args, flags } = await this.parse(ProfileAssign);
    return await this.phonectl.profiles.assign(
      {
        ...changeInput(flags),
        profile: args.profile,
        target: toTarget(flags),
        priority: flags.priority,
        apply: flags.manual ? 'manual' : 'auto',
      },
      { signal: this.signal },
    );
  }
}
