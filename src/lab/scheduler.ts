/**
 * One timer for all phones: 5,000 phones that each wait for their next poll must not cost 5,000 timers.
 */

interface Entry {
  due: number;
  order: number;
  run: (() => void) | null;
}

/** The longest delay a Node timer takes; a later entry is simply looked at again. */
const LONGEST = 2 ** 31 - 1;

/** A binary heap of things to do, driven by a single timer. `speed` divides every delay given in phone time. */
export class Scheduler {
  readonly #speed: number;
  readonly #heap: Entry[] = [];
  #order = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(speed: number) {
    this.#speed = speed;
  }

  /** Runs `run` after `seconds` of phone time. Returns a function that cancels it. */
  after(seconds: number, run: () => void): () => void {
    return this.afterReal((seconds * 1000) / this.#speed, run);
  }

  /** Runs `run` after `ms` milliseconds of real time. Returns a function that cancels it. */
  afterReal(ms: number, run: () => void): () => void {
    const entry: Entry = { due: Date.now() + ms, order: this.#order++, run };
    if (this.#stopped) return () => {};
    this.#push(entry);
    if (this.#heap[0] === entry) this.#arm();
    return () => {
      entry.run = null;
    };
  }

  /** Waits `ms` of real time, or rejects when the signal aborts. */
  pauseReal(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const cancel = this.afterReal(ms, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      function stop(): void {
        cancel();
        reject(signal.reason);
      }
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  /** Waits `seconds` of phone time, or rejects when the signal aborts. */
  pause(seconds: number, signal: AbortSignal): Promise<void> {
    return this.pauseReal((seconds * 1000) / this.#speed, signal);
  }

  stop(): void {
    this.#stopped = true;
    this.#heap.length = 0;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const first = this.#heap[0];
    if (first === undefined) return;
    this.#timer = setTimeout(() => this.#fire(), Math.min(LONGEST, Math.max(0, first.due - Date.now())));
  }

  #fire(): void {
    const now = Date.now();
    try {
      this.#runUntil(now);
    } finally {
      this.#arm();
    }
  }

  #runUntil(now: number): void {
    for (let first = this.#heap[0]; first !== undefined && first.due <= now; first = this.#heap[0]) {
      this.#pop();
      first.run?.();
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(heap[at]!, heap[parent]!)) return;
      swap(heap, at, parent);
      at = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      let smallest = at;
      if (left < heap.length && before(heap[left]!, heap[smallest]!)) smallest = left;
      if (right < heap.length && before(heap[right]!, heap[smallest]!)) smallest = right;
      if (smallest === at) return;
      swap(heap, at, smallest);
      at = smallest;
    }
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

function swap(heap: Entry[], a: number, b: number): void {
  const kept = heap[a]!;
  heap[a] = heap[b]!;
  heap[b] = kept;
}

/** A fixed number of places; who comes later waits in line. */
export class Slots {
  #free: number;
  /** A Set keeps the order of arrival and lets a waiter leave in constant time. */
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Takes a place, when one is free. Returns the function that gives it back; rejects when the signal aborts. */
  async acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#wait(signal);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const [next] = this.#waiting;
      if (next === undefined) this.#free++;
      else next();
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        this.#waiting.delete(enter);
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.delete(enter);
        reject(signal.reason);
      };
      this.#waiting.add(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
