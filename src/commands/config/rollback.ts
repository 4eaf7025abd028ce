import { string } from '@oclif/core/flags';
import { committedLines } from '../../cli/columns/plans.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { optionalRevisionArg, parseRevision } from '../../cli/revision.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { RolledBack } from '../../sdk/history/rollback.ts';

export default class ConfigRollback extends PushingCommand<RolledBack> {
  static override summary = 'Goes back to an earlier revision of profiles and assignments.';
  static override description =
    'Everything that was changed since is undone, as one new revision: rolling back again brings it back. Without REV ' +
    'the newest revision is undone; 0 is the configuration before its first change.';
  static override examples = [
    'phonectl config rollback --dry-run',
    'phonectl config rollback 41 -m "Back to Friday" --yes',
  ];
  static override args = optionalRevisionArg;
  static override flags = {
    ...pushFlags,
    reason: string({ char: 'm', summary: 'Why, for the history.', helpValue: 'TEXT' }),
  };
  static override view = textView<RolledBack>((result, style) =>
    committedLines(`Back at revision ${result.to}.`, result, style),
  );

  override async run(): Promise<RolledBack> {
    const { args, flags } = await this.parse(ConfigRollback);
    const input = {
      revision: args.revision === undefined ? undefined : parseRevision(args.revision),
      reason: flags.reason,
    };
    const planned = await this.phonectl.configs.rollback({ ...input, dryRun: true }, { signal: this.signal });
    if (flags['dry-run'] || !planned.changed) return planned;
    await this.confirm(
      'disruptive',
      planned.plan.devices,
      `change the configuration of ${count(planned.plan.devices, 'phone')}`,
    );
    return await this.phonectl.configs.rollback({ ...input, revision: planned.to }, { signal: this.signal });
  }
}
