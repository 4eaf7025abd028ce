import { string } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { cleanText, count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';

interface Deleted {
  readonly deleted: readonly string[];
}

export default class FirmwareDelete extends PhonectlCommand<Deleted> {
  static override summary = 'Deletes firmware images that no profile gives to phones.';
  static override examples = ['phonectl firmware delete "VVX 6.4.6"', 'phonectl firmware delete 3 4 --yes'];
  static override args = { firmware: string({ required: true, multiple: true, description: 'Names or ids.' }) };
  static override flags = writeFlags;
  static override view = textView<Deleted>(({ deleted }) => deleted.map((name) => cleanText(name)));

  override async run(): Promise<Deleted> {
    const { args, flags } = await this.parse(FirmwareDelete);
    const firmware = Array.isArray(args.firmware) ? args.firmware : [args.firmware];
    const plan = await this.phonectl.firmware.delete({ firmware, dryRun: true }, { signal: this.signal });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', plan.deleted.length, `delete ${count(plan.deleted.length, 'firmware image')}`);
    return await this.phonectl.firmware.delete({ firmware }, { signal: this.signal });
  }
}
