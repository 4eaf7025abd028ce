import { boolean } from '@oclif/core/flags';
import { type ControlBatch, controlFlags, controlInput, controlView, followTask } from '../../cli/control.ts';
import { writeFlags } from '../../cli/flags.ts';
import { FollowingCommand } from '../../cli/following-command.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../cli/selector.ts';
import { count } from '../../cli/text.ts';

export default class DeviceReboot extends FollowingCommand<ControlBatch> {
  static override summary = 'Reboots devices and says which of them came back.';
  static override description =
    'Success means that the phone was seen to boot: it reported to the server, or its own uptime says so. A phone in a ' +
    'call is left alone without --force. What was begun is recorded as a task; `phonectl task show` has the details.';
  static override examples = [
    'phonectl device reboot reception',
    'phonectl device reboot --site Berlin --concurrency 10 --yes',
    "phonectl device reboot --vendor poly --firmware '<6.4' --dry-run",
    'phonectl device list --attention -o name | phonectl device reboot - --yes --json',
  ];
  static override args = deviceArgs;
  static override flags = {
    ...selectorFlags,
    ...controlFlags,
    ...writeFlags,
    force: boolean({ summary: 'Also phones in a call.' }),
  };
  static override view = controlView;

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DeviceReboot);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const input = { selector, ...controlInput(flags), ...(flags.force && { force: true }) };
    const { control } = this.phonectl;
    if (flags['dry-run'] || !flags.yes) {
      const plan = await followTask(
        control.reboot({ ...input, dryRun: true }, { signal: this.signal }),
        await this.progress('Looking at the devices'),
      );
      this.warnOnce(plan.warnings);
      if (flags['dry-run']) return plan;
      const affected = plan.results.filter(({ result }) => result !== 'not-applicable').length;
      await this.confirm('disruptive', affected, `reboot ${count(affected, 'device')}`);
    }
    return this.follow(control.reboot(input, { signal: this.signal }), 'Rebooting');
  }
}
