/** Looks for new evidence on behalf of all targets that wait for some: one query at a time, however many wait. */
import type { Evidence, EvidenceRepository } from '../sdk/ports/evidence.ts';
import { pause } from './pause.ts';

interface Waiter {
  readonly deviceId: number;
  readonly mark: number;
  readonly accept: (evidence: Evidence) => boolean;
}

/** Evidence rows that are read at once. */
const BATCH = 5000;

export class EvidenceWatch {
  readonly #evidence: EvidenceRepository;
  readonly #interval: number;
  readonly #waiters = new Map<number, Waiter>();
  /** Everything up to here was shown to whoever waited. */
  #mark = 0;
  #stop: AbortController | undefined;
  readonly #onFailure: (error: unknown) => void;
  /** The next look at the sequence, and at what came before somebody began to wait: one for all who ask meanwhile. */
  #nextMark: Promise<number> | undefined;
  #newcomers: Waiter[] = [];
  #looking: Promise<void> | undefined;

  constructor(evidence: EvidenceRepository, interval: number, onFailure: (error: unknown) => void) {
    this.#evidence = evidence;
    this.#interval = interval;
    this.#onFailure = onFailure;
  }

  /** The sequence at a moment after this call. */
  mark(): Promise<number> {
    this.#nextMark ??= turn().then(() => {
      this.#nextMark = undefined;
      return this.#evidence.mark();
    });
    return this.#nextMark;
  }

  /** First evidence of the device above `mark` that `proof` accepts, in its words; `undefined` when the signal aborts. */
  async wait(
    deviceId: number,
    mark: number,
    proof: (evidence: Evidence) => string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const found = Promise.withResolvers<string | undefined>();
    const accept = (evidence: Evidence): boolean => {
      const words = evidence.id > mark ? proof(evidence) : undefined;
      if (words !== undefined) found.resolve(words);
      return words !== undefined;
    };
    const abort = (): void => found.resolve(undefined);
    signal.addEventListener('abort', abort, { once: true });
    const waiter = { deviceId, mark, accept };
    this.#waiters.set(deviceId, waiter);
    try {
      // What came before we began to look; the loop shows the rest.
      await this.#show(waiter);
      if (this.#stop === undefined) void this.#loop(mark);
      if (signal.aborted) found.resolve(undefined);
      return await found.promise;
    } finally {
      signal.removeEventListener('abort', abort);
      this.#waiters.delete(deviceId);
      if (this.#waiters.size === 0) this.#end();
    }
  }

  /** What is there already: the words of the first that `proof` accepts above `mark`. */
  async look(
    deviceId: number,
    mark: number,
    proof: (evidence: Evidence) => string | undefined,
  ): Promise<string | undefined> {
    let words: string | undefined;
    const accept = (evidence: Evidence): boolean => {
      words ??= evidence.id > mark ? proof(evidence) : undefined;
      return words !== undefined;
    };
    await this.#show({ deviceId, mark, accept });
    return words;
  }

  /** One query for all who ask in the same turn. */
  #show(waiter: Waiter): Promise<void> {
    this.#newcomers.push(waiter);
    this.#looking ??= this.#lookBack();
    return this.#looking;
  }

  /** Shows the newcomers what there is above their marks. */
  async #lookBack(): Promise<void> {
    await turn();
    this.#looking = undefined;
    const waiters = this.#newcomers.splice(0);
    const accepting = new Map(waiters.map(({ deviceId, accept }) => [deviceId, accept]));
    const deviceIds = [...accepting.keys()];
    let seen = Math.min(...waiters.map(({ mark }) => mark));
    for (;;) {
      const rows = await this.#evidence.after(seen, { deviceIds, limit: BATCH });
      for (const evidence of rows) {
        seen = evidence.id;
        if (accepting.get(evidence.deviceId)?.(evidence) === true) accepting.delete(evidence.deviceId);
      }
      if (rows.length < BATCH) return;
    }
  }

  async #loop(mark: number): Promise<void> {
    const stop = new AbortController();
    this.#stop = stop;
    this.#mark = mark;
    try {
      while (!stop.signal.aborted) {
        const rows = await this.#evidence.after(this.#mark, { limit: BATCH });
        for (const evidence of rows) {
          this.#mark = Math.max(this.#mark, evidence.id);
          this.#waiters.get(evidence.deviceId)?.accept(evidence);
        }
        if (rows.length < BATCH) await pause(this.#interval, stop.signal);
      }
    } catch (error) {
      // Nobody awaits this loop: the run ends with the error, and its signal ends all waiting.
      this.#onFailure(error);
    }
  }

  #end(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }
}

/** Lets those of the same turn gather. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
