import { string } from '@oclif/core/args';
import { doneView } from '../../../cli/access-views.ts';
import { PhonectlCommand } from '../../../cli/base.ts';

interface Tested {
  readonly to: string;
  readonly server: string;
}

export default class SettingsMailTest extends PhonectlCommand<Tested> {
  static override summary = 'Sends a mail at once, to see whether the mail server takes it.';
  static override examples = [
    'phonectl settings mail test ada@example.net',
    'phonectl settings mail test ada@example.net --json',
  ];
  static override args = { to: string({ required: true, description: 'Who gets it.' }) };
  static override view = doneView<Tested>(({ to, server }) => `${server} took a mail for ${to}.`);

  override async run(): Promise<Tested> {
    const { args } = await this.parse(SettingsMailTest);
    return await this.phonectl.settings.testMail({ to: args.to }, { signal: this.signal });
  }
}
