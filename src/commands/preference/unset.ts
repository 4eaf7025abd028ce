import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { checkPreference, savePreference } from '../../cli/preferences.ts';
import { textView } from '../../cli/view.ts';

export default class PreferenceUnset extends PhonectlCommand<{ name: string }> {
  static override summary = 'Forgets a preference.';
  static override examples = ['phonectl preference unset output', 'phonectl preference unset color --dry-run'];
  static override args = { name: string({ required: true, description: 'The preference; see preference list.' }) };
  static override flags = writeFlags;
  static override usesSdk = false;
  static override view = textView<{ name: string }>(({ name }) => `${name}: as it comes`);

  override async run(): Promise<{ name: string }> {
    const { args, flags } = await this.parse(PreferenceUnset);
    if (flags['dry-run']) checkPreference(args.name, undefined);
    else await savePreference(args.name, undefined, process.env);
    return { name: args.name };
  }
}
