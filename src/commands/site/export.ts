import { PhonectlCommand } from '../../cli/base.ts';
import { exportFlags, exportInput } from '../../cli/exporting.ts';
import { choice } from '../../cli/flags.ts';

export default class SiteExport extends PhonectlCommand<undefined> {
  static override summary = 'Writes the sites as CSV that imports as unchanged.';
  static override examples = [
    'phonectl site export > sites.csv',
    'phonectl site export --out sites.csv --separator semicolon --bom',
    'phonectl site export --format manual --search berlin',
  ];
  static override flags = {
    ...exportFlags,
    format: choice(['own', 'manual'], { summary: "All columns, or the manual's four." }),
  };

  override async run(): Promise<undefined> {
    const { flags } = await this.parse(SiteExport);
    const chunks = this.phonectl.sites.export({ ...exportInput(flags), format: flags.format }, { signal: this.signal });
    await this.writeTo(flags.out, chunks);
    return undefined;
  }
}
