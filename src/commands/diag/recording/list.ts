import { PhonectlCommand } from '../../../cli/base.ts';
import { bytesText } from '../../../cli/file-size.ts';
import { listFlags } from '../../../cli/flags.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../../cli/selector.ts';
import { listView } from '../../../cli/view.ts';
import type { Recording } from '../../../sdk/diagnosis/recordings.ts';

export default class DiagRecordingList extends PhonectlCommand<AsyncIterable<Recording>> {
  static override summary = 'Lists recordings that phones sent.';
  static override examples = ['phonectl diag recording list boardroom', 'phonectl diag recording list --all --json'];
  static override args = deviceArgs;
  static override flags = { ...listFlags, ...selectorFlags };
  static override view = listView<Recording>(
    [
      { name: 'device' },
      { name: 'name', priority: 1 },
      { name: 'file' },
      { name: 'bytes', header: 'SIZE', kind: 'number', text: ({ bytes }) => bytesText(bytes) },
      { name: 'receivedAt', header: 'WHEN', kind: 'time' },
    ],
    { empty: 'No recordings. Phones send them after: phonectl diag recording auto DEVICE --on' },
  );

  override async run(): Promise<AsyncIterable<Recording>> {
    const { args, flags } = await this.parse(DiagRecordingList);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    return this.phonectl.diagnoses.recordings({ selector }, { signal: this.signal });
  }
}
