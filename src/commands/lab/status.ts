import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { LabReport } from '../../sdk/lab/remote.ts';

type Phone = LabReport['phones'][number];

export default class LabStatus extends PhonectlCommand<readonly Phone[]> {
  static override local = true;
  static override summary = 'Shows the simulated phones of a running lab.';
  static override examples = [
    'phonectl lab status',
    'phonectl lab status --filter state=unprovisioned --columns mac,lastError',
  ];
  static override flags = listFlags;
  static override view = listView<Phone>(
    [
      { name: 'mac' },
      { name: 'vendor' },
      { name: 'model' },
      { name: 'state', kind: 'state' },
      { name: 'firmware', priority: 4 },
      { name: 'address', priority: 3 },
      { name: 'boots', kind: 'number', get: ({ bootCount }) => bootCount, priority: 5 },
      { name: 'lines', get: ({ lines }) => `${lines.filter(({ registered }) => registered).length}/${lines.length}` },
      { name: 'parameters', kind: 'number', priority: 6 },
      { name: 'provisionedAt', kind: 'time', header: 'PROVISIONED', priority: 2 },
      { name: 'lastError', header: 'WHY', priority: 1 },
      { name: 'server', extra: true },
    ],
    { nameField: 'mac', empty: 'The lab has no phones.' },
  );

  override async run(): Promise<readonly Phone[]> {
    await this.parse(LabStatus);
    return (await this.phonectl.simulator.status()).phones;
  }
}
