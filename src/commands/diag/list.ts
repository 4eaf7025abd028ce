import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { OpenDiagnosis } from '../../sdk/diagnosis/read.ts';

export default class DiagList extends PhonectlCommand<AsyncIterable<OpenDiagnosis>> {
  static override summary = 'Lists phones with settings that were made for a diagnosis.';
  static override description = 'They stay until `phonectl diag end`.';
  static override examples = ['phonectl diag list', 'phonectl diag list --json'];
  static override flags = listFlags;
  static override view = listView<OpenDiagnosis>(
    [
      { name: 'device' },
      { name: 'name', priority: 2 },
      {
        name: 'parameters',
        kind: 'list',
        get: ({ parameters }) => Object.entries(parameters).map(([name, value]) => `${name}=${value}`),
      },
      { name: 'author', header: 'BY', priority: 3 },
      { name: 'changedAt', header: 'SINCE', kind: 'time', priority: 1 },
    ],
    { empty: 'No phone is being diagnosed.' },
  );

  override async run(): Promise<AsyncIterable<OpenDiagnosis>> {
    await this.parse(DiagList);
    return this.phonectl.diagnoses.list({}, { signal: this.signal });
  }
}
