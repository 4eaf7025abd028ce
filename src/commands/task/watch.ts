import { integer } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { PhonectlCommand } from '../../cli/base.ts';
import { type Picture, stdoutPicture } from '../../cli/picture.ts';
import { changeLines, pictureLines } from '../../cli/task-views.ts';
import { UsageValueError } from '../../cli/usage-error.ts';
import { EXIT } from '../../sdk/errors.ts';
import type { TaskSnapshot } from '../../sdk/tasks/read.ts';

export default class TaskWatch extends PhonectlCommand<void> {
  static override summary = 'Shows how a task goes on, until it stands still.';
  static override description =
    'On a terminal a picture that is drawn again and again: each wave, the rate of failures, the time left, the newest ' +
    'failures. Piped, a line for each change; with --json, a JSON object for each. Ctrl-C stops watching and not the task. ' +
    'Exit status 0 when it is done, 3 when devices failed, 8 when it stands still unfinished.';
  static override examples = [
    'phonectl task watch 118',
    'phonectl task watch 118 --json',
    'phonectl task watch 118 --every 5',
  ];
  static override args = { task: integer({ description: 'Number of the task.', required: true, min: 1 }) };
  static override flags = {
    every: string({ summary: 'Seconds between two looks.', helpValue: 'SECONDS', default: '1' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskWatch);
    const seconds = Number(flags.every);
    if (!(seconds >= 0.1 && seconds <= 60)) throw new UsageValueError('--every wants a number from 0.1 to 60.');
    const snapshots = this.phonectl.tasks.watch({ task: args.task, interval: seconds * 1000 }, { signal: this.signal });
    const failures: TaskSnapshot['failures'][number][] = [];
    let last: TaskSnapshot | undefined;
    const picture = stdoutPicture();
    for await (const snapshot of snapshots) {
      failures.push(...snapshot.failures);
      last = snapshot;
      this.#show(snapshot, failures, picture);
      await this.out.flush();
    }
    if (last !== undefined) this.exitWith(exitOf(last));
  }

  #show(snapshot: TaskSnapshot, failures: TaskSnapshot['failures'], picture: Picture): void {
    const { stdoutIsTty, plain } = this.terminal;
    if (this.format === 'json' || this.format === 'ndjson') this.out.line(JSON.stringify(snapshot));
    else if (!stdoutIsTty || plain) for (const line of changeLines(snapshot, this.style)) this.out.line(line);
    else this.out.write(picture.draw(pictureLines(snapshot, failures, this.style)));
  }
}

function exitOf({ state, counters }: TaskSnapshot): number {
  if (counters.inProgress > 0 || state === 'scheduled') return EXIT.unfinished;
  return counters.failure > 0 ? EXIT.failed : EXIT.ok;
}
