import { string } from '@oclif/core/args';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';

interface Deleted {
  readonly deleted: readonly string[];
}

export default class ResourceDelete extends PushingCommand<Deleted> {
  static override summary = 'Deletes resources; phones get them no more.';
  static override examples = ['phonectl resource delete ring.wav', 'phonectl resource delete 3 4 --yes'];
  static override args = { resources: string({ required: true, multiple: true, description: 'Names or ids.' }) };
  static override flags = pushFlags;
  static override view = textView<Deleted>(({ deleted }) => deleted.map((name) => cleanText(name)));

  override async run(): Promise<Deleted> {
    const { args, flags } = await this.parse(ResourceDelete);
    const resources = Array.isArray(args.resources) ? args.resources : [args.resources];
    const plan = await this.phonectl.resources.delete({ resources, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', plan.deleted.length, `delete ${count(plan.deleted.length, 'resource')}`);
    return await this.phonectl.resources.delete({ resources }, { signal: this.signal });
  }
}
