import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { reportLines } from '../../cli/firmware-views.ts';
import { textView } from '../../cli/view.ts';
import type { FirmwareReport as Report } from '../../sdk/firmware/report.ts';

export default class FirmwareReport extends PhonectlCommand<Report> {
  static override summary = 'Says how a rollout went: who runs it, who does not and why, and what to type next.';
  static override description = 'The report is there as long as the task is; with --json it has every device.';
  static override examples = ['phonectl firmware report 118', 'phonectl firmware report 118 --json'];
  static override args = { task: integer({ description: 'Number of the task.', required: true, min: 1 }) };
  static override view = textView<Report>(reportLines);

  override async run(): Promise<Report> {
    const { args } = await this.parse(FirmwareReport);
    return await this.phonectl.firmware.report({ task: args.task }, { signal: this.signal });
  }
}
