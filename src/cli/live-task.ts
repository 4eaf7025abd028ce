/** The live view of a task that this command runs itself: the picture of `task watch`, drawn on stderr. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlEvent } from '../sdk/control/run.ts';
import { isPhonectlError } from '../sdk/errors.ts';
import type { TaskSnapshot } from '../sdk/tasks/read.ts';
import { type ControlBatch, followTask } from './control.ts';
import { Picture } from './picture.ts';
import type { Progress } from './progress.ts';
import { processSignal } from './session.ts';
import type { Style } from './style.ts';
import { pictureLines } from './task-views.ts';

/** What is over sooner needs no picture. Milliseconds. */
const SOON = 300;

export interface Live {
  readonly watch: (task: number, signal: AbortSignal) => AsyncIterable<TaskSnapshot>;
  readonly style: Style;
  /** Shown until there is a picture, and all the time for a single phone. */
  readonly progress: Progress;
}

/** Follows the task to its end. The picture is taken away when it is over: the answer says how it went. */
export async function followLive(events: AsyncIterable<ControlEvent>, live: Live): Promise<ControlBatch> {
  const over = new AbortController();
  let drawing: Promise<void> | undefined;
  async function* tapped(): AsyncGenerator<ControlEvent> {
    for await (const event of events) {
      if (event.type === 'started' && event.total > 1) drawing = draw(event.task, live, over.signal);
      yield event;
    }
  }
  try {
    return await followTask(tapped(), live.progress);
  } finally {
    over.abort();
    await drawing;
  }
}

/** A picture that cannot be drawn leaves the task alone: it is told, and the task is followed all the same. */
async function draw(task: number, live: Live, over: AbortSignal): Promise<void> {
  const picture = new Picture(process.stderr);
  // The words of the first Ctrl-C stand under the picture, and what follows under them.
  processSignal().addEventListener('abort', () => picture.leave(), { once: true, signal: over });
  try {
    await sleep(SOON, undefined, { signal: over }).catch(() => undefined);
    await drawEach(task, live, picture, over);
  } catch (error) {
    // Who may reboot phones need not be allowed to see tasks.
    if (over.aborted || (isPhonectlError(error) && error.code === 'forbidden')) return;
    process.stderr.write(`How it goes cannot be shown: ${error instanceof Error ? error.message : String(error)}\n`);
  } finally {
    process.stderr.write(picture.clear());
  }
}

async function drawEach(task: number, live: Live, picture: Picture, over: AbortSignal): Promise<void> {
  const failures: TaskSnapshot['failures'][number][] = [];
  if (over.aborted) return;
  for await (const snapshot of live.watch(task, over)) {
    if (over.aborted) return;
    live.progress.stop();
    failures.push(...snapshot.failures);
    process.stderr.write(picture.draw(pictureLines(snapshot, failures, live.style)));
  }
}
