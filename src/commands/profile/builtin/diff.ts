import { PhonectlCommand } from '../../../cli/base.ts';
import { viewFlags } from '../../../cli/flags.ts';
import { listView } from '../../../cli/view.ts';
import type { StandardDifference } from '../../../sdk/profiles/standard.ts';

export default class ProfileBuiltinDiff extends PhonectlCommand<AsyncIterable<StandardDifference>> {
  static override summary = 'Tells how the standard profiles here differ from those of this version.';
  static override description =
    'New ones come by themselves, and so do changes that reach no phone. What would change phones waits for ' +
    'phonectl profile builtin update. A clash is a profile of yours that has the name of a standard one: rename it.';
  static override examples = ['phonectl profile builtin diff', 'phonectl profile builtin diff --json'];
  static override flags = viewFlags;
  static override view = listView<StandardDifference>(
    [{ name: 'profile' }, { name: 'vendor' }, { name: 'difference' }, { name: 'assignments', kind: 'number' }],
    { empty: 'The standard profiles are those of this version.' },
  );

  override async run(): Promise<AsyncIterable<StandardDifference>> {
    await this.parse(ProfileBuiltinDiff);
    return this.phonectl.profiles.builtin({}, { signal: this.signal });
  }
}
