import { string } from '@oclif/core/args';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { deleteContext, showContext } from '../../cli/contexts.ts';
import { writeFlags } from '../../cli/flags.ts';

export default class ContextDelete extends PhonectlCommand<{ deleted: string }> {
  static override usesSdk = false;
  static override summary = 'Forgets a context and what it signs in with.';
  static override examples = ['phonectl context delete prod', 'phonectl context delete prod --yes'];
  static override args = { name: string({ required: true, description: 'Name of the context.' }) };
  static override flags = writeFlags;
  static override view = doneView<{ deleted: string }>(({ deleted }) => `Context ${deleted} forgotten.`);

  override async run(): Promise<{ deleted: string }> {
    const { args, flags } = await this.parse(ContextDelete);
    const { name } = showContext(args.name, process.env);
    if (flags['dry-run']) return { deleted: name };
    await this.confirm('destructive', 1, `forget the context ${name}`);
    await deleteContext(name, process.env);
    return { deleted: name };
  }
}
