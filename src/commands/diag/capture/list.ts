import { PhonectlCommand } from '../../../cli/base.ts';
import { bytesText } from '../../../cli/file-size.ts';
import { listFlags } from '../../../cli/flags.ts';
import { deviceArgs, selectorFlags, toSelector } from '../../../cli/selector.ts';
import { listView } from '../../../cli/view.ts';
import type { Capture } from '../../../sdk/captures/read.ts';

export default class DiagCaptureList extends PhonectlCommand<AsyncIterable<Capture>> {
  static override summary = 'Lists packet captures, the newest first.';
  static override examples = ['phonectl diag capture list', 'phonectl diag capture list reception --json'];
  static override args = deviceArgs;
  static override flags = { ...listFlags, ...selectorFlags };
  static override view = listView<Capture>(
    [
      { name: 'device' },
      { name: 'name', priority: 2 },
      { name: 'state', kind: 'state' },
      { name: 'file' },
      { name: 'bytes', header: 'SIZE', kind: 'number', text: ({ bytes }) => (bytes === null ? '–' : bytesText(bytes)) },
      { name: 'startedAt', header: 'STARTED', kind: 'time' },
      { name: 'endedAt', header: 'ENDED', kind: 'time', priority: 4 },
      { name: 'endsAt', header: 'UNTIL', kind: 'time', extra: true },
      { name: 'filter', priority: 3 },
      { name: 'author', header: 'BY', priority: 5 },
      { name: 'reason', priority: 1 },
    ],
    { empty: 'No captures. Start one: phonectl diag capture start DEVICE' },
  );

  override async run(): Promise<AsyncIterable<Capture>> {
    const { args, flags } = await this.parse(DiagCaptureList);
    const selector = toSelector(flags, await this.references(args.devices));
    const chosen = Object.keys(selector).length > 0;
    return this.phonectl.captures.list(chosen ? { selector } : {}, { signal: this.signal });
  }
}
