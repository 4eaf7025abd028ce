import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { listPreferences, type PreferenceEntry } from '../../cli/preferences.ts';
import { listView } from '../../cli/view.ts';

export default class PreferenceList extends PhonectlCommand<PreferenceEntry[]> {
  static override summary = 'Lists your preferences and where their values come from.';
  static override examples = ['phonectl preference list', 'phonectl preference list --json'];
  static override flags = listFlags;
  static override usesSdk = false;
  static override view = listView<PreferenceEntry>([
    { name: 'name' },
    { name: 'value' },
    { name: 'origin' },
    { name: 'variable', priority: 8 },
    { name: 'summary', priority: 9 },
  ]);

  override async run(): Promise<PreferenceEntry[]> {
    await this.parse(PreferenceList);
    return listPreferences(process.env);
  }
}
