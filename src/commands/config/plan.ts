import { boolean, custom, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { planLines } from '../../cli/columns/plans.ts';
import { writeFlags } from '../../cli/flags.ts';
import { parseRevision } from '../../cli/revision.ts';
import { textView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { SavedPlan } from '../../sdk/history/plans.ts';

export default class ConfigPlan extends PhonectlCommand<SavedPlan> {
  static override summary = 'Plans a collected change or a rollback, and keeps the plan.';
  static override description =
    'The kept plan is applied exactly as it was looked at, or refused with exit status 6 when the fleet has changed ' +
    'meanwhile. The file that --out writes is for reviewers and for `phonectl config apply`; it holds no secret.';
  static override examples = [
    'phonectl config plan --change xmas',
    'phonectl config plan --change xmas --out plan.json --exit-code',
    'phonectl config plan --rollback 41',
  ];
  static override flags = {
    change: string({
      summary: 'The change.',
      helpValue: 'NAME',
      env: 'PHONECTL_CHANGE',
      exclusive: ['rollback'],
    }),
    rollback: custom<number>({
      summary: 'The revision to go back to.',
      helpValue: 'REV',
      parse: async (text) => parseRevision(text),
    })(),
    reason: string({ char: 'm', summary: 'Why, for the history.', helpValue: 'TEXT' }),
    out: string({ summary: 'Write the plan to this file too.', helpValue: 'FILE' }),
    'exit-code': boolean({ summary: 'Exit with 20 when phones change.' }),
    ...writeFlags,
  };
  static override view = textView<SavedPlan>(({ id, plan }, style) => [
    ...planLines(plan, style),
    ...(id === null ? [] : [`apply: phonectl config apply ${id}`]),
  ]);

  override async run(): Promise<SavedPlan> {
    const { flags } = await this.parse(ConfigPlan);
    const saved = await this.phonectl.configs.plan(
      {
        // A rollback is asked for in words; the environment's change is not.
        change: flags.rollback === undefined ? flags.change : undefined,
        rollback: flags.rollback,
        reason: flags.reason,
        dryRun: flags['dry-run'],
      },
      { signal: this.signal },
    );
    if (flags.out !== undefined) await this.writeTo(flags.out, [`${JSON.stringify(saved, undefined, 2)}\n`]);
    if (flags['exit-code'] && saved.plan.devices > 0) this.exitWith(EXIT.differences);
    return saved;
  }
}
