/** The live view of a task that this command runs itself: the picture of `task watch`, drawn on stderr. */
import type { ControlEvent } from '../sdk/control/run.ts';
import type { TaskSnapshot } from '../sdk/tasks/read.ts';
import { type ControlBatch, followTask } from './control.ts';
import type { Progress } from './progress.ts';
import type { Style } from './style.ts';
import { pictureLines } from './task-views.ts';

const QUIET: Progress = { update: () => undefined, stop: () => undefined };

export interface Live {
  readonly watch: (task: number, signal: AbortSignal) => AsyncIterable<TaskSnapshot>;
  readonly style: Style;
}

/** Follows the task to its end. The picture is taken away when it is over: the answer says how it went. */
export async function followLive(events: AsyncIterable<ControlEvent>, live: Live): Promise<ControlBatch> {
  const over = new AbortController();
  let drawing: Promise<void> | undefined;
  async function* tapped(): AsyncGenerator<ControlEvent> {
    for await (const event of events) {
      if (event.type === 'started') drawing = draw(live.watch(event.task, over.signal), live.style, over.signal);
      yield event;
    }
  }
  try {
    return await followTask(tapped(), QUIET);
  } finally {
    over.abort();
    await drawing;
  }
}

async function draw(snapshots: AsyncIterable<TaskSnapshot>, style: Style, over: AbortSignal): Promise<void> {
  const failures: TaskSnapshot['failures'][number][] = [];
  let drawn = 0;
  for await (const snapshot of snapshots) {
    if (over.aborted) break;
    failures.push(...snapshot.failures);
    const lines = pictureLines(snapshot, failures, style);
    process.stderr.write(`${clear(drawn)}${lines.join('\n')}\n`);
    drawn = lines.length;
  }
  process.stderr.write(clear(drawn));
}

/** Up to the first line of the last picture, and away with it (ECMA-48 CPL, ED). */
function clear(lines: number): string {
  return lines === 0 ? '' : `\u001b[${lines}F\u001b[J`;
}
