import { type ControlBatch, controlExit, controlFlags, controlInput, followTask } from '../../cli/control.ts';
import { writeFlags } from '../../cli/flags.ts';
import { FollowingCommand } from '../../cli/following-command.ts';
import { pushLines } from '../../cli/pushing.ts';
import { deviceArgs, requireSelection, selectorFlags, toSelector } from '../../cli/selector.ts';
import { count } from '../../cli/text.ts';
import { textView } from '../../cli/view.ts';

export default class ConfigPush extends FollowingCommand<ControlBatch> {
  static override summary = 'Brings devices what they should run, and sees that they run it.';
  static override description =
    'Each phone is told to fetch by its own means. Success means that it was served what it should run and, where it ' +
    'can be read, runs it. A phone that is away is pending: it gets the change at its next contact (exit status 8).';
  static override examples = [
    'phonectl config push --site Berlin',
    'phonectl config push reception bar-2 --timeout 60',
    'phonectl config push --all --rate 20 --yes --json',
  ];
  static override args = deviceArgs;
  static override flags = { ...selectorFlags, ...controlFlags, ...writeFlags };
  static override view = textView<ControlBatch>(pushLines, controlExit);

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(ConfigPush);
    const selector = requireSelection(toSelector(flags, await this.references(args.devices)));
    const input = { selector, ...controlInput(flags) };
    const { pushes } = this.phonectl;
    if (flags['dry-run'] || !flags.yes) {
      const plan = await followTask(
        pushes.push({ ...input, dryRun: true }, { signal: this.signal }),
        await this.progress('Looking at the devices'),
      );
      this.warnOnce(plan.warnings);
      if (flags['dry-run']) return plan;
      const affected = plan.results.filter(({ result }) => result !== 'not-applicable').length;
      await this.confirm('disruptive', affected, `make ${count(affected, 'device')} fetch their configuration`);
    }
    return this.follow(pushes.push(input, { signal: this.signal }), 'Bringing the configuration');
  }
}
