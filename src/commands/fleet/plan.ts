import { boolean, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { fleetLines, fleetMarkdown } from '../../cli/columns/fleet.ts';
import { OUTPUT_FORMATS } from '../../cli/flags.ts';
import { folderArg, pruneFlag, secretsFile, secretsFileFlags } from '../../cli/fleet-flags.ts';
import { textView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { FleetPlan } from '../../sdk/fleet/plan.ts';

export default class FleetPlanned extends PhonectlCommand<FleetPlan | undefined> {
  static override summary = 'Says what a fleet folder would change, and what each phone would get.';
  static override description =
    'Tried out on a copy: the fleet is not touched. The file that --out writes is for `phonectl fleet apply --plan`, ' +
    'which refuses to do anything else than what was looked at.';
  static override examples = [
    'phonectl fleet plan ./fleet',
    'phonectl fleet plan ./fleet --output markdown > comment.md',
    'phonectl fleet plan ./fleet --out plan.json --exit-code',
  ];
  static override args = folderArg;
  static override flags = {
    ...pruneFlag,
    ...secretsFileFlags,
    output: string({
      char: 'o',
      summary: 'Form of the answer; markdown is for the comment of a merge request.',
      options: [...OUTPUT_FORMATS, 'markdown'],
      helpGroup: 'GLOBAL',
      env: 'PHONECTL_OUTPUT',
    }),
    out: string({ summary: 'Write the plan to this file too.', helpValue: 'FILE' }),
    'exit-code': boolean({ summary: 'Exit with 20 when something would change.' }),
  };
  static override view = textView<FleetPlan>(fleetLines);

  override async run(): Promise<FleetPlan | undefined> {
    const { args, flags } = await this.parse(FleetPlanned);
    const { sendFolder } = await import('../../cli/fleet-folder.ts');
    const source = await sendFolder(args.folder, await secretsFile(this.prompts, flags, { repeat: false }));
    await this.progress('Planning');
    const plan = await this.phonectl.fleets.plan({ source, prune: flags.prune }, { signal: this.signal });
    if (flags.out !== undefined) await this.writeTo(flags.out, [`${JSON.stringify(plan, undefined, 2)}\n`]);
    if (flags['exit-code'] && plan.different) this.exitWith(EXIT.differences);
    if (flags.output !== 'markdown') return plan;
    await this.writeTo('-', [fleetMarkdown(plan)]);
    return undefined;
  }
}
