import { integer } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { type ControlBatch, controlView } from '../../cli/control.ts';
import { FollowingCommand } from '../../cli/following-command.ts';

export default class TaskRun extends FollowingCommand<ControlBatch> {
  static override summary = 'Runs a task now: one that waits for its time, or what is left of one.';
  static override description =
    'For a task that was interrupted or made with --no-wait, and for a timer out of its times. A phone that was seen to ' +
    'do it is left alone; where a command may have been sent before a crash, the phone is looked at before anything is ' +
    'repeated.';
  static override examples = ['phonectl task run 118', 'phonectl task run 118 --json'];
  static override args = { task: integer({ description: 'Number of the task.', required: true, min: 1 }) };
  static override flags = {
    wait: boolean({ summary: 'Run it here until the end; without, the server does.', allowNo: true, default: true }),
  };
  static override view = controlView;

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(TaskRun);
    const events = this.phonectl.tasks.run({ task: args.task, wait: flags.wait }, { signal: this.signal });
    return this.follow(events, 'Running');
  }
}
