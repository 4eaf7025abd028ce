/** The base of commands that make phones do something and stay until it is done. */
import type { ControlEvent } from '../sdk/control/run.ts';
import { PhonectlCommand } from './base.ts';
import { type ControlBatch, followTask } from './control.ts';
import { followLive } from './live-task.ts';
import type { Progress } from './progress.ts';
import { stderrStyle } from './style.ts';

/** Between two looks at the task. Milliseconds. */
const EVERY = 1000;

export abstract class FollowingCommand<Result = unknown> extends PhonectlCommand<Result> {
  readonly #warned = new Set<string>();

  /**
   * Follows a task to its end: with the picture of `task watch` where there is a terminal to draw on, else with a line
   * now and then. The first Ctrl-C lets what is in flight end, and says how to go on; the second one quits.
   */
  protected async follow(events: AsyncIterable<ControlEvent>, doing: string): Promise<ControlBatch> {
    const batch = await this.#follow(events, await this.progress(doing));
    this.warnOnce(batch.warnings);
    return batch;
  }

  /** What is said of a plan is not said again of what is done by it. */
  protected warnOnce(warnings: readonly string[] = []): void {
    for (const warning of warnings) {
      if (!this.#warned.has(warning)) this.warning(warning);
      this.#warned.add(warning);
    }
  }

  async #follow(events: AsyncIterable<ControlEvent>, progress: Progress): Promise<ControlBatch> {
    const { stderrIsTty, plain } = this.terminal;
    // A terminal of no width cannot be drawn on; see `progress.ts`.
    const drawn = stderrIsTty && !plain && !this.silent && (process.stderr.columns ?? 0) > 0;
    if (!drawn) return followTask(events, progress);
    const { tasks } = this.phonectl;
    return followLive(events, {
      watch: (task, signal) => tasks.watch({ task, interval: EVERY }, { signal }),
      style: stderrStyle(this.terminal),
      progress,
    });
  }
}
