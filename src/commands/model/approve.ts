import { string } from '@oclif/core/args';
import { string as stringFlag } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { cleanText } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { ApprovalsChanged } from '../../sdk/models/approve.ts';

export default class ModelApprove extends PhonectlCommand<ApprovalsChanged> {
  static override summary = 'Approves models: from the first one on, only approved models can be added.';
  static override examples = ['phonectl model approve VVX450', 'phonectl model approve T46S T54W --site Berlin'];
  static override args = { models: string({ multiple: true, required: true, description: 'Names, in any spelling.' }) };
  static override flags = {
    ...writeFlags,
    site: stringFlag({ summary: 'Only at this site; else everywhere.', helpValue: 'SITE' }),
  };
  static override view = textView<ApprovalsChanged>((result, style) => [
    ...result.models.map((model) => {
      const where = result.site === null ? '' : ` at ${cleanText(result.site)}`;
      const already = result.changed.includes(model) ? '' : ' (as before)';
      return `${style.paint('green', style.symbol('ok'))} ${model} is approved${where}${already}.`;
    }),
    ...(result.everyModel ? ['No model is approved by name now: every model may be added.'] : []),
  ]);

  override async run(): Promise<ApprovalsChanged> {
    const { args, flags } = await this.parse(ModelApprove);
    const models = await this.references(args.models);
    return await this.phonectl.models.approve(
      { models, site: flags.site, dryRun: flags['dry-run'] },
      { signal: this.signal },
    );
  }
}
