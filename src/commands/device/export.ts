import { boolean, string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { exportFlags, exportInput } from '../../cli/exporting.ts';
import { choice } from '../../cli/flags.ts';
import { deviceArgs, selectorFlags, toSelector } from '../../cli/selector.ts';

export default class DeviceExport extends PhonectlCommand<undefined> {
  static override summary = 'Writes the devices as CSV that imports as unchanged.';
  static override description =
    'All devices, or those that are selected. Secrets of the CSV profiles stand as ********, which an import takes for the stored ones; --reveal ' +
    'writes them, and is recorded. Columns for --columns: those of the file, and lines (how many lines the model has).';
  static override examples = [
    'phonectl device export > devices.csv',
    'phonectl device export --site Berlin --columns mac,model,lines,site --out berlin.csv',
    'phonectl device export --format manual --separator semicolon --out bulk-edit.csv',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...exportFlags,
    ...selectorFlags,
    format: choice(['own', 'manual'], { summary: "Everything (default), or the columns of the manual's bulk edit." }),
    columns: string({ summary: 'Only these columns: a,b,c.', helpValue: 'LIST' }),
    reveal: boolean({ summary: 'Write the secrets; this is recorded.' }),
  };

  override async run(): Promise<undefined> {
    const { args, flags } = await this.parse(DeviceExport);
    const { search: _, ...options } = exportInput(flags);
    const chunks = this.phonectl.devices.export(
      {
        ...options,
        selector: toSelector(flags, await this.references(args.devices)),
        format: flags.format,
        columns: flags.columns?.split(','),
        reveal: flags.reveal,
      },
      { signal: this.signal },
    );
    await this.writeTo(flags.out, chunks);
    return undefined;
  }
}
