import { string as stringArg } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { committedLines } from '../../cli/columns/plans.ts';
import { readPlanReference } from '../../cli/plan-file.ts';
import { pushFlags } from '../../cli/pushing.ts';
import { PushingCommand } from '../../cli/pushing-command.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { CommitResult } from '../../sdk/profiles/commit.ts';

export default class ConfigApply extends PushingCommand<CommitResult> {
  static override summary = 'Applies a plan that was made before, exactly as it was looked at.';
  static override description =
    'Refused with exit status 6 when the configuration or the phones have changed since, so that nothing happens that ' +
    'nobody has seen.';
  static override examples = ['phonectl config apply p-7f3c01d2', 'phonectl config apply plan.json --yes'];
  static override args = {
    plan: stringArg({ required: true, description: 'Id of the plan, or the file that `config plan --out` wrote.' }),
  };
  static override flags = {
    ...pushFlags,
    reason: string({ char: 'm', summary: 'Why, for the history.', helpValue: 'TEXT' }),
  };
  static override view = textView<CommitResult>((result, style) => committedLines('Applied.', result, style));

  override async run(): Promise<CommitResult> {
    const { args, flags } = await this.parse(ConfigApply);
    const input = { ...(await readPlanReference(args.plan)), reason: flags.reason };
    const planned = await this.phonectl.configs.apply({ ...input, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return planned;
    await this.confirm(
      'disruptive',
      planned.plan.devices,
      `change the configuration of ${count(planned.plan.devices, 'phone')}`,
    );
    return await this.phonectl.configs.apply(input, { signal: this.signal });
  }
}
