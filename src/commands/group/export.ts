import { PhonectlCommand } from '../../cli/base.ts';
import { exportFlags, exportInput } from '../../cli/exporting.ts';

export default class GroupExport extends PhonectlCommand<undefined> {
  static override summary = 'Writes the device groups as CSV that imports as unchanged.';
  static override examples = ['phonectl group export > groups.csv', 'phonectl group export --out groups.csv --bom'];
  static override flags = exportFlags;

  override async run(): Promise<undefined> {
    const { flags } = await this.parse(GroupExport);
    const chunks = this.phonectl.groups.export(exportInput(flags), { signal: this.signal });
    await this.writeTo(flags.out, chunks);
    return undefined;
  }
}
