import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { contextColumns } from '../../cli/context-columns.ts';
import { type ContextEntry, listContexts, showContext } from '../../cli/contexts.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';

export default class ContextShow extends PhonectlCommand<ContextEntry> {
  static override usesSdk = false;
  static override summary = 'Shows a context, by default the active one; never its secrets.';
  static override examples = ['phonectl context show', 'phonectl context show prod --json'];
  static override args = { name: string({ description: 'Name of the context.' }) };
  static override flags = viewFlags;
  static override view = showView<ContextEntry>(contextColumns);

  override async run(): Promise<ContextEntry> {
    const { args } = await this.parse(ContextShow);
    const active = listContexts(process.env).find((context) => context.active);
    return showContext(args.name ?? active?.name ?? 'local', process.env);
  }
}
