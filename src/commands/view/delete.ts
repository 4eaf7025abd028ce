import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { deleteView, findSavedView } from '../../cli/saved-views.ts';

interface Deleted {
  readonly deleted: string;
  readonly list: string;
}

export default class ViewDelete extends PhonectlCommand<Deleted> {
  static override usesSdk = false;
  static override summary = 'Forgets a saved view.';
  static override examples = ['phonectl view delete berlin', 'phonectl view delete old --of "device list" --dry-run'];
  static override args = { name: stringArg({ required: true, description: 'Name of the view.' }) };
  static override flags = {
    ...writeFlags,
    of: string({ summary: 'The list that it is a view of.', helpValue: 'LIST' }),
  };
  static override view = doneView<Deleted>(({ deleted, list }) => `View ${deleted} of ${list} forgotten.`);

  override async run(): Promise<Deleted> {
    const { args, flags } = await this.parse(ViewDelete);
    const view = findSavedView(args.name, flags.of, process.env);
    if (!flags['dry-run']) await deleteView(view, process.env);
    return { deleted: view.name, list: view.list };
  }
}
