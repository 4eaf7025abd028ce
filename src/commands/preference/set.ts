import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { checkPreference, savePreference } from '../../cli/preferences.ts';
import { textView } from '../../cli/view.ts';

interface Saved {
  name: string;
  value: string;
}

export default class PreferenceSet extends PhonectlCommand<Saved> {
  static override summary = 'Keeps a preference.';
  static override description = 'Flags win over environment variables, and these over preferences.';
  static override examples = ['phonectl preference set output yaml', 'phonectl preference set color never'];
  static override args = {
    name: string({ required: true, description: 'The preference; see preference list.' }),
    value: string({ required: true, description: 'Its value.' }),
  };
  static override flags = writeFlags;
  static override usesSdk = false;
  static override view = textView<Saved>(({ name, value }) => `${name}: ${value}`);

  override async run(): Promise<Saved> {
    const { args, flags } = await this.parse(PreferenceSet);
    if (flags['dry-run']) checkPreference(args.name, args.value);
    else await savePreference(args.name, args.value, process.env);
    return { name: args.name, value: args.value };
  }
}
