import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { describeFlags, findSavedView, type SavedView, useView } from '../../cli/saved-views.ts';

export default class ViewUse extends PhonectlCommand<SavedView> {
  static override usesSdk = false;
  static override summary = 'Puts a view in force: its list shows only that on a terminal, until it is reset.';
  static override description =
    'What is piped, and every answer in JSON, CSV or YAML, has all rows as before: scripts are not to depend on it. A ' +
    'logout resets it too.';
  static override examples = ['phonectl view use berlin', 'phonectl view use old --of "device list"'];
  static override args = { name: stringArg({ required: true, description: 'Name of the view.' }) };
  static override flags = { of: string({ summary: 'The list that it is a view of.', helpValue: 'LIST' }) };
  static override view = doneView<SavedView>(
    ({ list, flags }) => `phonectl ${list} shows ${describeFlags(flags)} until: phonectl view reset`,
  );

  override async run(): Promise<SavedView> {
    const { args, flags } = await this.parse(ViewUse);
    const view = findSavedView(args.name, flags.of, process.env);
    await useView(view, process.env);
    return { ...view, inForce: true };
  }
}
