import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { FIRMWARE_COLUMNS } from '../../cli/columns/firmware.ts';
import { viewFlags } from '../../cli/flags.ts';
import { showView } from '../../cli/view.ts';
import type { Firmware } from '../../sdk/firmware/firmware.ts';

export default class FirmwareShow extends PhonectlCommand<Firmware> {
  static override summary = 'Shows a firmware image with its URL and checksum.';
  static override examples = ['phonectl firmware show "poly 6.4.8"', 'phonectl firmware show 3 --json'];
  static override args = { firmware: string({ required: true, description: 'Name or id.' }) };
  static override flags = viewFlags;
  static override view = showView<Firmware>(FIRMWARE_COLUMNS.map((column) => ({ ...column, extra: false })));

  override async run(): Promise<Firmware> {
    const { args } = await this.parse(FirmwareShow);
    return await this.phonectl.firmware.show({ firmware: args.firmware }, { signal: this.signal });
  }
}
