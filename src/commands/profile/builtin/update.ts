import { committedLines } from '../../../cli/columns/plans.ts';
import { changeFlags, changeInput } from '../../../cli/profile-flags.ts';
import { PushingCommand } from '../../../cli/pushing-command.ts';
import { cleanText } from '../../../cli/text.ts';
import { textView } from '../../../cli/view.ts';
import type { StandardUpdated } from '../../../sdk/profiles/standard-update.ts';

export default class ProfileBuiltinUpdate extends PushingCommand<StandardUpdated> {
  static override summary = 'Makes the standard profiles those of this version, also where phones have them.';
  static override description = 'A standard profile that is not shipped any more goes, with its assignments.';
  static override examples = [
    'phonectl profile builtin update --dry-run',
    'phonectl profile builtin update -m "phonectl 0.2"',
  ];
  static override flags = changeFlags;
  static override view = textView<StandardUpdated>((result, style) => [
    ...committedLines('Standard profiles updated.', result, style),
    ...result.differences.map(({ profile, difference }) => `${difference}: ${cleanText(profile)}`),
  ]);

  override async run(): Promise<StandardUpdated> {
    const { flags } = await this.parse(ProfileBuiltinUpdate);
    return await this.phonectl.profiles.update(changeInput(flags), { signal: this.signal });
  }
}
