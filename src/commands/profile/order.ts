import { string } from '@oclif/core/args';
import { committedLines } from '../../cli/columns/plans.ts';
import { changeFlags, changeInput, targetFlags, toTarget } from '../../cli/profile-flags.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { textView } from '../../cli/view.ts';
import type { CommitResult } from '../../sdk/profiles/commit.ts';

export default class ProfileOrder extends PushingCommand<CommitResult> {
  static override summary = 'Orders the profiles of one place, the highest first.';
  static override description = 'Those that are not named keep their order behind the named ones.';
  static override examples = [
    'phonectl profile order auto-answer base --global',
    'phonectl profile order kiosk --group lobby --dry-run',
  ];
  static override args = {
    profiles: string({ multiple: true, required: true, description: 'Names or ids, the highest first.' }),
  };
  static override flags = { ...targetFlags, ...changeFlags };
  static override view = textView<CommitResult>((result, style) => committedLines('Ordered.', result, style));

  override async run(): Promise<CommitResult> {
    const { args, flags } = await this.parse(ProfileOrder);
    return await this.phonectl.profiles.order(
      { ...changeInput(flags), profiles: args.profiles, target: toTarget(flags) },
      { signal: this.signal },
    );
  }
}
