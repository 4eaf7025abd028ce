import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { resetViews } from '../../cli/saved-views.ts';
import { count } from '../../cli/text.ts';

export default class ViewReset extends PhonectlCommand<{ reset: number }> {
  static override usesSdk = false;
  static override summary = 'Takes every view out of force; they stay saved.';
  static override examples = ['phonectl view reset', 'phonectl view reset --json'];
  static override view = doneView<{ reset: number }>(({ reset }) =>
    reset === 0 ? 'No view was in force.' : `${count(reset, 'list')} as before.`,
  );

  override async run(): Promise<{ reset: number }> {
    await this.parse(ViewReset);
    return { reset: await resetViews(process.env) };
  }
}
