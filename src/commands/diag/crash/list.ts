import { PhonectlCommand } from '../../../cli/base.ts';
import { bytesText } from '../../../cli/file-size.ts';
import { listFlags } from '../../../cli/flags.ts';
import { deviceArgs, selectorFlags, toSelector } from '../../../cli/selector.ts';
import { listView } from '../../../cli/view.ts';
import type { CrashFile } from '../../../sdk/device-files/crashes.ts';

export default class DiagCrashList extends PhonectlCommand<AsyncIterable<CrashFile>> {
  static override summary = 'Lists the crash files that phones sent.';
  static override description =
    'When they are up again, Poly phones send the core of the program that crashed, Cisco phones a problem report. They ' +
    'are kept as long as logs are. What Yealink phones say of a crash stands in their logs: phonectl diag logs get.';
  static override examples = ['phonectl diag crash list', 'phonectl diag crash list --site Berlin --json'];
  static override args = deviceArgs;
  static override flags = { ...listFlags, ...selectorFlags };
  static override view = listView<CrashFile>(
    [
      { name: 'device' },
      { name: 'name', priority: 1 },
      { name: 'firmware', priority: 2 },
      { name: 'file' },
      { name: 'bytes', header: 'SIZE', kind: 'number', text: ({ bytes }) => bytesText(bytes) },
      { name: 'receivedAt', header: 'WHEN', kind: 'time' },
    ],
    { empty: 'No phone sent a crash file.' },
  );

  override async run(): Promise<AsyncIterable<CrashFile>> {
    const { args, flags } = await this.parse(DiagCrashList);
    const selector = toSelector(flags, await this.references(args.devices));
    const chosen = Object.keys(selector).length > 0;
    return this.phonectl.diagnostics.crashes(chosen ? { selector } : {}, { signal: this.signal });
  }
}
