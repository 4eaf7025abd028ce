/**
 * Writes the steps of many targets in few transactions. An acknowledged commit waits for the disk (274 a second,
 * toolchain.md section 4), so steps that come together are committed together.
 */
import type { TargetChange } from '../sdk/ports/tasks.ts';
import type { TaskStore } from './action.ts';

interface Entry {
  readonly change: TargetChange;
  readonly resolve: (held: boolean) => void;
  readonly reject: (error: unknown) => void;
}

export class Journal {
  readonly #store: TaskStore;
  readonly #runId: number;
  readonly #owner: string;
  #waiting: Entry[] = [];
  #writing = false;

  constructor(store: TaskStore, runId: number, owner: string) {
    this.#store = store;
    this.#runId = runId;
    this.#owner = owner;
  }

  /** Resolves when the step is on disk; with false when somebody else holds the target now, then it was not written. */
  record(change: TargetChange): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, resolve, reject });
      if (!this.#writing) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    // Lets steps of the same turn gather.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#write(this.#waiting.splice(0));
    this.#writing = false;
  }

  async #write(batch: readonly Entry[]): Promise<void> {
    try {
      const changes = batch.map(({ change }) => change);
      const lost = new Set(
        await this.#store.transaction(({ tasks }) => tasks.record(this.#runId, this.#owner, changes)),
      );
      for (const { change, resolve } of batch) resolve(!lost.has(change.deviceId));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
