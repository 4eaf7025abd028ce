import { integer } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import { type ControlBatch, controlView, followTask } from '../../cli/control.ts';
import { writeFlags } from '../../cli/flags.ts';
import { FollowingCommand } from '../../cli/following-command.ts';
import { count } from '../../cli/text.ts';

export default class TaskRetry extends FollowingCommand<ControlBatch> {
  static override summary = 'Runs a task again for the devices that failed, and for no other.';
  static override examples = [
    'phonectl task retry 118',
    'phonectl task retry 118 --device lobby',
    'phonectl task retry 118 --yes --json',
  ];
  static override args = { task: integer({ description: 'Number of the task.', required: true, min: 1 }) };
  static override flags = {
    ...writeFlags,
    device: string({
      summary: 'Only this one of the failed devices. Repeatable.',
      helpValue: 'DEVICE',
      multiple: true,
    }),
    wait: boolean({ summary: 'Wait for the end.', allowNo: true, default: true }),
  };
  static override view = controlView;

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(TaskRetry);
    const { tasks } = this.phonectl;
    const chosen = { task: args.task, ...(flags.device !== undefined && { devices: flags.device }) };
    if (flags['dry-run'] || !flags.yes) {
      const plan = await followTask(
        tasks.retry({ ...chosen, dryRun: true }, { signal: this.signal }),
        await this.progress('Looking at the task'),
      );
      if (flags['dry-run']) return plan;
      const { total } = plan.summary;
      await this.confirm('disruptive', total, `run task ${args.task} again for ${count(total, 'device')}`);
    }
    const events = tasks.retry({ ...chosen, wait: flags.wait }, { signal: this.signal });
    return this.follow(events, 'Retrying');
  }
}
