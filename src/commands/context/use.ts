import { string } from '@oclif/core/args';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { type ContextEntry, useContext } from '../../cli/contexts.ts';

export default class ContextUse extends PhonectlCommand<ContextEntry> {
  static override usesSdk = false;
  static override summary = 'Makes a context the active one: commands go there from now on.';
  static override description =
    '`local` is the home of this machine. --home, --context and PHONECTL_SERVER go before it.';
  static override examples = ['phonectl context use prod', 'phonectl context use local'];
  static override args = { name: string({ required: true, description: 'Name of the context.' }) };
  static override view = doneView<ContextEntry>(({ name, server }) => `Commands go to ${server || name} now.`);

  override async run(): Promise<ContextEntry> {
    const { args } = await this.parse(ContextUse);
    const entry = await useContext(args.name, process.env);
    if (process.env['PHONECTL_HOME'] && entry.server !== '') {
      this.warning('PHONECTL_HOME is set and goes before the active context; unset it, or give --context.');
    }
    return entry;
  }
}
