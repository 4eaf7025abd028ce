import { integer } from '@oclif/core/args';
import { PhonectlCommand } from '../../cli/base.ts';
import { type ControlBatch, controlView, followTask } from '../../cli/control.ts';

export default class TaskRun extends PhonectlCommand<ControlBatch> {
  static override summary = 'Runs what is left of a task, here, until it is done.';
  static override description =
    'For a task that was interrupted, halted, or made with --no-wait. A phone that was seen to do it is left alone; ' +
    'where a command may have been sent before a crash, the phone is looked at before anything is repeated.';
  static override examples = ['phonectl task run 118', 'phonectl task run 118 --json'];
  static override args = { task: integer({ description: 'Number of the task.', required: true, min: 1 }) };
  static override view = controlView;

  override async run(): Promise<ControlBatch> {
    const { args } = await this.parse(TaskRun);
    const events = this.phonectl.tasks.run({ task: args.task }, { signal: this.signal });
    return followTask(events, await this.progress('Running'));
  }
}
