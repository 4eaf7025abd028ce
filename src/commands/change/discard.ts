import { PhonectlCommand } from '../../cli/base.ts';
import { changeArg } from '../../cli/change-arg.ts';
import { writeFlags } from '../../cli/flags.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';

interface Discarded {
  readonly change: string;
  readonly edits: number;
}

export default class ChangeDiscard extends PhonectlCommand<Discarded> {
  static override summary = 'Throws a change away, with everything that was collected in it.';
  static override examples = ['phonectl change discard xmas --dry-run', 'phonectl change discard xmas --yes'];
  static override args = changeArg;
  static override flags = writeFlags;
  static override view = textView<Discarded>(
    ({ change, edits }) => `${cleanText(change)}: ${count(edits, 'edit')} discarded.`,
  );

  override async run(): Promise<Discarded> {
    const { args, flags } = await this.parse(ChangeDiscard);
    const planned = await this.phonectl.changes.discard({ change: args.change, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return planned;
    await this.confirm('destructive', planned.edits, `discard ${count(planned.edits, 'edit')}`);
    return await this.phonectl.changes.discard({ change: args.change }, { signal: this.signal });
  }
}
