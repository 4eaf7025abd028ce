import { PhonectlCommand } from '../../cli/base.ts';
import { writeFlags } from '../../cli/flags.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../cli/selector.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';
import type { DevicesDeleted } from '../../sdk/devices/remove.ts';

export default class DeviceDelete extends PhonectlCommand<DevicesDeleted> {
  static override summary = 'Deletes devices with all that belongs to them; their accounts stay.';
  static override examples = [
    'phonectl device delete reception',
    'phonectl device delete --site "Old office" --dry-run',
    'phonectl device delete 0004f2abcdef 0004f2abcdf0 --yes',
  ];
  static override aliases = ['device:rm'];
  static override args = deviceArgs;
  static override flags = { ...selectorFlags, ...writeFlags };
  static override view = textView<DevicesDeleted>(
    (deleted, style) => `${style.paint('green', style.symbol('ok'))} ${count(deleted.count, 'device')} deleted.`,
  );

  override async run(): Promise<DevicesDeleted> {
    const { args, flags } = await this.parse(DeviceDelete);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const plan = await this.phonectl.devices.delete({ selector, dryRun: true });
    if (flags['dry-run']) return plan;
    await this.confirm('destructive', plan.count, `delete ${count(plan.count, 'device')}`);
    return await this.phonectl.devices.delete({ selector });
  }
}
