import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { FIRMWARE_COLUMNS } from '../../cli/columns/firmware.ts';
import { choice, listFlags } from '../../cli/flags.ts';
import { listView } from '../../cli/view.ts';
import type { Firmware } from '../../sdk/firmware/firmware.ts';

export default class FirmwareList extends PhonectlCommand<AsyncIterable<Firmware>> {
  static override summary = 'Lists the firmware images.';
  static override examples = ['phonectl firmware list', 'phonectl firmware list --vendor poly --json'];
  static override flags = {
    ...listFlags,
    vendor: choice(['poly', 'yealink', 'cisco'], { summary: 'Only of this vendor.' }),
    family: string({ summary: 'Only of this family.', options: ['phone', 'cx', 'group-series'] }),
  };
  static override view = listView<Firmware>(FIRMWARE_COLUMNS, {
    empty: 'No firmware. Add some: phonectl firmware add FILE',
    sdk: ['search'],
  });

  override async run(): Promise<AsyncIterable<Firmware>> {
    const { flags } = await this.parse(FirmwareList);
    return this.phonectl.firmware.list(
      {
        ...this.query(),
        ...(flags.vendor !== undefined && { vendor: flags.vendor }),
        ...(flags.family !== undefined && { family: flags.family as Firmware['family'] }),
      },
      { signal: this.signal },
    );
  }
}
