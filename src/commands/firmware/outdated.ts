import { boolean } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { listFlags } from '../../cli/flags.ts';
import { deviceArgs, selectorFlags, toSelector } from '../../cli/selector.ts';
import { listView } from '../../cli/view.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { OutdatedRow } from '../../sdk/firmware/reports.ts';

export default class FirmwareOutdated extends PhonectlCommand<readonly OutdatedRow[]> {
  static override summary = 'Lists devices that run an older firmware than the newest that fits them.';
  static override examples = [
    'phonectl firmware outdated',
    'phonectl firmware outdated --site Berlin --exit-code',
    'phonectl firmware outdated --output name',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...listFlags,
    ...selectorFlags,
    'exit-code': boolean({ summary: 'Exit with 20 when a device is outdated.' }),
  };
  static override view = listView<OutdatedRow>(
    [
      { name: 'device' },
      { name: 'name' },
      { name: 'model' },
      { name: 'site', priority: 3 },
      { name: 'firmware', header: 'RUNS' },
      { name: 'newest' },
      { name: 'image', priority: 2 },
    ],
    { empty: 'No device runs an older firmware than the newest that fits it.' },
  );

  override async run(): Promise<readonly OutdatedRow[]> {
    const { args, flags } = await this.parse(FirmwareOutdated);
    const selector = toSelector(flags, await this.references(args.devices));
    const rows = await Array.fromAsync(this.phonectl.firmware.outdated({ selector }, { signal: this.signal }));
    if (flags['exit-code'] && rows.length > 0) this.exitWith(EXIT.differences);
    return rows;
  }
}
