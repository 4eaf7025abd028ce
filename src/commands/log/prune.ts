import { integer } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { LogPruned } from '../../sdk/logs/logs.ts';

export default class LogPrune extends PhonectlCommand<LogPruned> {
  static override summary = 'Removes the oldest weeks of the log.';
  static override description =
    'Whole weeks, at least the last four stay. Where the chain goes on is remembered, so that `log verify` still works. ' +
    'Download the weeks first if they are to be kept.';
  static override examples = ['phonectl log prune --keep-weeks 26', 'phonectl log prune --keep-weeks 4 --dry-run'];
  static override flags = {
    ...writeFlags,
    'keep-weeks': integer({ summary: 'Weeks that stay, this one included.', helpValue: 'N', min: 4, required: true }),
  };
  static override view = textView<LogPruned>(({ removed }) => `${count(removed, 'entry', 'entries')} removed.`);

  override async run(): Promise<LogPruned> {
    const { flags } = await this.parse(LogPrune);
    const weeks = flags['keep-weeks'];
    const plan = await this.phonectl.logs.prune({ weeks, dryRun: true }, { signal: this.signal });
    if (flags['dry-run'] || plan.removed === 0) return plan;
    await this.confirm('destructive', plan.removed, `remove ${count(plan.removed, 'entry', 'entries')} of the log`);
    return await this.phonectl.logs.prune({ weeks }, { signal: this.signal });
  }
}
