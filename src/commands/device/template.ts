import { PhonectlCommand } from '../../cli/base.ts';
import { outFlag } from '../../cli/flags.ts';

export default class DeviceTemplate extends PhonectlCommand<undefined> {
  static override summary = 'Writes an empty CSV file for devices with notes, to be filled in and imported.';
  static override description = 'The notes name the models that may be used and the sites there are.';
  static override examples = ['phonectl device template > devices.csv', 'phonectl device template --out devices.csv'];
  static override flags = outFlag;

  override async run(): Promise<undefined> {
    const { flags } = await this.parse(DeviceTemplate);
    const { csv } = await this.phonectl.devices.template({}, { signal: this.signal });
    await this.writeTo(flags.out, [csv]);
    return undefined;
  }
}
