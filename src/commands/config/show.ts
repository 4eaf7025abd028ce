import { PhonectlCommand } from '../../cli/base.ts';
import { objectLines, revisionColumns } from '../../cli/columns/history.ts';
import { viewFlags } from '../../cli/flags.ts';
import { parseRevision, revisionArg } from '../../cli/revision.ts';
import { showView } from '../../cli/view.ts';
import type { RevisionDetail } from '../../sdk/history/read.ts';

export default class ConfigShow extends PhonectlCommand<RevisionDetail> {
  static override summary = 'Shows what a revision changed.';
  static override examples = ['phonectl config show 41', 'phonectl config show r41 --json'];
  static override args = revisionArg;
  static override flags = viewFlags;
  static override view = showView<RevisionDetail>(revisionColumns, {
    more: ({ changes }, style) => ['', ...objectLines(changes, style)],
  });

  override async run(): Promise<RevisionDetail> {
    const { args } = await this.parse(ConfigShow);
    return await this.phonectl.configs.show({ revision: parseRevision(args.revision) }, { signal: this.signal });
  }
}
