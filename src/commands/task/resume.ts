import { integer } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import { type ControlBatch, controlView } from '../../cli/control.ts';
import { FollowingCommand } from '../../cli/following-command.ts';
import { amount } from '../../cli/run-flags.ts';

export default class TaskResume extends FollowingCommand<ControlBatch> {
  static override summary = 'Lets a task go on that was paused, interrupted, or stopped itself.';
  static override description =
    'What was seen to be done is not done again. The failures so far still count: a task that its limit stopped goes on ' +
    'only with a higher one.';
  static override examples = [
    'phonectl task resume 118',
    'phonectl task resume 118 --max-failures 10%',
    'phonectl task resume 118 --no-wait --json',
  ];
  static override args = { task: integer({ description: 'Number of the task.', required: true, min: 1 }) };
  static override flags = {
    'max-failures': string({ summary: 'The new limit: 10, or 5% of the finished ones.', helpValue: 'N|N%' }),
    wait: boolean({ summary: 'Run it here until the end; without, the server does.', allowNo: true, default: true }),
  };
  static override view = controlView;

  override async run(): Promise<ControlBatch> {
    const { args, flags } = await this.parse(TaskResume);
    const maxFailures = amount(flags['max-failures'], 'max-failures');
    const input = { task: args.task, wait: flags.wait, ...(maxFailures !== undefined && { maxFailures }) };
    const events = this.phonectl.tasks.resume(input, { signal: this.signal });
    return this.follow(events, 'Going on');
  }
}
