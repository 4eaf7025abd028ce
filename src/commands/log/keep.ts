import { boolean, integer } from '@oclif/core/flags';
import { doneView } from '../../cli/access-views.ts';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { count } from '../../cli/text.ts';
import type { LogRetention } from '../../sdk/logs/retention.ts';

export default class LogKeep extends PhonectlCommand<LogRetention> {
  static override summary = 'Says or sets for how many weeks the log is kept.';
  static override description =
    'Everything is kept until you set it. Then `phonectl serve` removes whole weeks that are older, as `log prune` does; ' +
    'what was removed is recorded, and `log verify` still works.';
  static override examples = ['phonectl log keep', 'phonectl log keep --weeks 52', 'phonectl log keep --all'];
  static override flags = {
    ...writeFlags,
    weeks: integer({ summary: 'Weeks that stay, this one included.', helpValue: 'N', min: 4, exclusive: ['all'] }),
    all: boolean({ summary: 'Keep everything.' }),
  };
  static override view = doneView<LogRetention>(({ weeks }) =>
    weeks === null ? 'The log is kept for ever.' : `The log is kept for ${count(weeks, 'week')}.`,
  );

  override async run(): Promise<LogRetention> {
    const { flags } = await this.parse(LogKeep);
    const { signal } = this;
    if (flags.weeks === undefined && !flags.all) return await this.phonectl.logs.retention({}, { signal });
    const weeks = flags.weeks ?? null;
    if (weeks !== null && !flags['dry-run']) {
      const { removed } = await this.phonectl.logs.prune({ weeks, dryRun: true }, { signal });
      if (removed > 0) {
        await this.confirm('destructive', removed, `remove ${count(removed, 'entry', 'entries')} of the log`);
      }
    }
    return await this.phonectl.logs.keep({ weeks, dryRun: flags['dry-run'] }, { signal });
  }
}
