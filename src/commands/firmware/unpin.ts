import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../cli/selector.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { Unpinned } from '../../sdk/firmware/rollout.ts';

export default class FirmwareUnpin extends PhonectlCommand<Unpinned> {
  static override summary = 'Lets profiles choose the firmware of devices again.';
  static override description =
    'What `firmware rollout` or `firmware push` gave to a phone stays above every profile. This takes it back; what the ' +
    'phone runs stays until a profile says otherwise.';
  static override examples = ['phonectl firmware unpin --site Berlin', 'phonectl firmware unpin reception --dry-run'];
  static override args = deviceArgs;
  static override flags = { ...selectorFlags, ...writeFlags };
  static override view = textView<Unpinned>(({ devices }, style) =>
    devices === 0
      ? 'No task gave firmware to any of them.'
      : `${style.paint('green', style.symbol('ok'))} ${count(devices, 'device')}: profiles choose the firmware again.`,
  );

  override async run(): Promise<Unpinned> {
    const { args, flags } = await this.parse(FirmwareUnpin);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    return await this.phonectl.firmware.unpin({ selector, dryRun: flags['dry-run'] }, { signal: this.signal });
  }
}
