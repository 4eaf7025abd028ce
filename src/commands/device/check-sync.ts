import { type ControlBatch, controlFlags, controlInput, controlView, followTask } from '../../cli/control.ts';
import { writeFlags } from '../../cli/flags.ts';
import { FollowingCommand } from '../../cli/following-command.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../cli/selector.ts';
import { count } from '../../cli/text.ts';

export default class DeviceCheckSync extends FollowingCommand<ControlBatch> {
  static override summary = 'Makes devices fetch their configuration now.';
  static override description =
    'Success means that the phone came and fetched; that it took the message proves nothing. A phone reboots only if ' +
    'what it fetched asks for that.';
  static override examples = [
    'phonectl device check-sync reception',
    'phonectl device check-sync --group Sales --timeout 60',
    'phonectl device check-sync --all --rate 20 --yes --json',
  ];
  static override args = deviceArgs;
  static override flags = { ...selectorFlags, ...controlFlags, ...writeFlags };
  static override view = controlView;

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(DeviceCheckSync);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const input = { selector, ...controlInput(flags) };
    const { control } = this.phonectl;
    if (flags['dry-run'] || !flags.yes) {
      const plan = await followTask(
        control.checkSync({ ...input, dryRun: true }, { signal: this.signal }),
        await this.progress('Looking at the devices'),
      );
      this.warnOnce(plan.warnings);
      if (flags['dry-run']) return plan;
      const affected = plan.results.filter(({ result }) => result !== 'not-applicable').length;
      await this.confirm('disruptive', affected, `make ${count(affected, 'device')} fetch their configuration`);
    }
    return this.follow(control.checkSync(input, { signal: this.signal }), 'Asking the phones to fetch');
  }
}
