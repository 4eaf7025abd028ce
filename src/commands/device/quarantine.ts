import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { Quarantined } from '../../sdk/operations/enrolments.ts';

export default class DeviceQuarantine extends PhonectlCommand<AsyncIterable<Quarantined>> {
  static override summary = 'Lists the phones that came without being announced.';
  static override description = 'They got nothing but a 401. Let one in with `phonectl device approve MAC`.';
  static override examples = ['phonectl device quarantine', 'phonectl device quarantine --json'];
  static override flags = listFlags;
  static override view = listView<Quarantined>(
    [
      { name: 'mac' },
      { name: 'vendor' },
      { name: 'model' },
      { name: 'firmware', priority: 4 },
      { name: 'address' },
      { name: 'requests', kind: 'number', priority: 5 },
      { name: 'lastSeenAt', header: 'SEEN', kind: 'time' },
      { name: 'firstSeenAt', header: 'FIRST SEEN', kind: 'time', extra: true },
      { name: 'userAgent', header: 'USER AGENT', extra: true },
    ],
    { empty: 'Nobody is waiting: every phone that came was announced.' },
  );

  override async run(): Promise<AsyncIterable<Quarantined>> {
    await this.parse(DeviceQuarantine);
    return this.phonectl.enrolments.quarantine({}, { signal: this.signal });
  }
}
