import { string } from '@oclif/core/flags';
import { changeArg } from '../../cli/change-arg.ts';
import { committedLines } from '../../cli/columns/plans.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { CommitResult } from '../../sdk/profiles/commit.ts';

export default class ChangeApply extends PushingCommand<CommitResult> {
  static override summary = 'Does everything that a change has collected, as one revision.';
  static override examples = [
    'phonectl change apply xmas --dry-run',
    'phonectl change apply xmas -m "Ring tones for December" --yes',
  ];
  static override args = changeArg;
  static override flags = {
    ...pushFlags,
    reason: string({ char: 'm', summary: 'Why, for the history.', helpValue: 'TEXT' }),
  };
  static override view = textView<CommitResult>((result, style) => committedLines('Applied.', result, style));

  override async run(): Promise<CommitResult> {
    const { args, flags } = await this.parse(ChangeApply);
    const input = { change: args.change, reason: flags.reason };
    const planned = await this.phonectl.changes.apply({ ...input, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return planned;
    await this.confirm(
      'disruptive',
      planned.plan.devices,
      `change the configuration of ${count(planned.plan.devices, 'phone')}`,
    );
    return await this.phonectl.changes.apply(input, { signal: this.signal });
  }
}
