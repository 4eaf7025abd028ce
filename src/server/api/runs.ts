/**
 * Writes under way and lately done. A write goes on when its client goes away; whoever started it can come back to it by
 * its id, read what it said from any line on, and end it.
 */
import { randomUUID } from 'node:crypto';
import { PhonectlError } from '../../sdk/errors.ts';
import type { Clock } from '../../sdk/ports/clock.ts';
import { type Problem, toProblem } from './problems.ts';
import { itemLine, problemLine, progressLine, resultLine } from './wire.ts';

/** How much of what a run says is kept for those who come back; what was first goes first. */
const MOST_LINES = 10_000;
const MOST_BYTES = 4 << 20;
/** Beyond this even what somebody is about to read is forgotten: they read too slowly for what is being said. */
const MOST_UNREAD = 64 << 20;
/** How long a run that has ended can be asked for. Milliseconds. */
const KEPT = 3_600_000;
const MOST_RUNS = 1_000;
/** What all of those may take that have ended; after that the oldest are forgotten sooner. */
const MOST_KEPT_BYTES = 64 << 20;

export type RunState = 'running' | 'done' | 'failed';

export interface RunReport {
  readonly id: string;
  readonly operation: string;
  readonly state: RunState;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Lines said so far, and how many of the first ones are forgotten. */
  readonly lines: number;
  readonly forgotten: number;
  readonly result?: unknown;
  readonly problem?: Problem;
}

export class Run {
  readonly id: string;
  readonly operation: string;
  readonly kind: 'value' | 'stream';
  readonly owner: string;
  readonly startedAt: number;
  readonly #controller = new AbortController();
  #state: RunState = 'running';
  #endedAt: number | undefined;
  #result: unknown;
  #problem: Problem | undefined;
  #lines: string[] = [];
  #forgotten = 0;
  #bytes = 0;
  #news = Promise.withResolvers<void>();
  /** Where each of those stands who are reading along. */
  readonly #readers = new Set<{ next: number }>();
  #caughtUp = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();

  constructor(facts: { id: string; operation: string; kind: 'value' | 'stream'; owner: string; startedAt: number }) {
    this.id = facts.id;
    this.operation = facts.operation;
    this.kind = facts.kind;
    this.owner = facts.owner;
    this.startedAt = facts.startedAt;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }
  get state(): RunState {
    return this.#state;
  }
  get endedAt(): number | undefined {
    return this.#endedAt;
  }
  get result(): unknown {
    return this.#result;
  }
  /** How much of what it said is kept. */
  get bytes(): number {
    return this.#bytes;
  }
  get problem(): Problem | undefined {
    return this.#problem;
  }
  /** Settles when the run has ended, however. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }
  /** What it said, as one text; `undefined` when not all of it is kept. */
  get transcript(): string | undefined {
    return this.#forgotten === 0 ? this.#lines.join('') : undefined;
  }

  cancel(reason: unknown): void {
    this.#controller.abort(reason);
  }

  item(item: unknown): void {
    this.#say(itemLine(item));
  }
  progress(event: unknown): void {
    this.#say(progressLine(event));
  }

  succeed(result: unknown, now: number): void {
    if (this.#state !== 'running') return;
    this.#result = result;
    if (this.kind === 'value') this.#say(resultLine(result));
    this.#end('done', now);
  }

  fail(error: unknown, now: number): void {
    if (this.#state !== 'running') return;
    this.#problem = toProblem(error);
    this.#say(problemLine(this.#problem));
    this.#end('failed', now);
  }

  #end(state: RunState, now: number): void {
    this.#state = state;
    this.#endedAt = now;
    this.#ended.resolve();
    this.#news.resolve();
  }

  #say(line: string): void {
    this.#lines.push(line);
    this.#bytes += line.length;
    const slowest = Math.min(...[...this.#readers].map((reader) => reader.next));
    while (this.#lines.length > MOST_LINES || (this.#bytes > MOST_BYTES && this.#lines.length > 1)) {
      if (this.#forgotten >= slowest && this.#bytes <= MOST_UNREAD) break;
      this.#bytes -= this.#lines.shift()!.length;
      this.#forgotten += 1;
    }
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  /** Waits while somebody who reads along is far behind: what they have not read is not to be forgotten. */
  async room(): Promise<void> {
    const lags = (): boolean => {
      const behind = Math.min(...[...this.#readers].map((reader) => reader.next));
      return this.#forgotten + this.#lines.length - behind > MOST_LINES / 2 || this.#bytes > MOST_BYTES / 2;
    };
    while (
      this.#readers.size > 0 &&
      [...this.#readers].some(({ next }) => next < this.#forgotten + this.#lines.length)
    ) {
      if (!lags()) return;
      await this.#caughtUp.promise;
    }
  }

  /** The lines from number `after` on, to the end of the run. Says so where the first ones are forgotten. */
  async *follow(after = 0): AsyncGenerator<string> {
    const reader = { next: after };
    this.#readers.add(reader);
    try {
      for (;;) {
        const news = this.#news.promise;
        if (reader.next < this.#forgotten) {
          yield progressLine({ forgotten: this.#forgotten - reader.next });
          reader.next = this.#forgotten;
        }
        while (reader.next - this.#forgotten < this.#lines.length) {
          const line = this.#lines[reader.next - this.#forgotten]!;
          reader.next += 1;
          this.#wake();
          yield line;
          if (reader.next < this.#forgotten) break;
        }
        if (reader.next < this.#forgotten) continue;
        if (this.#state !== 'running') return;
        await news;
      }
    } finally {
      this.#readers.delete(reader);
      this.#wake();
    }
  }

  #wake(): void {
    this.#caughtUp.resolve();
    this.#caughtUp = Promise.withResolvers();
  }

  report(): RunReport {
    return {
      id: this.id,
      operation: this.operation,
      state: this.#state,
      startedAt: new Date(this.startedAt).toISOString(),
      endedAt: this.#endedAt === undefined ? null : new Date(this.#endedAt).toISOString(),
      lines: this.#forgotten + this.#lines.length,
      forgotten: this.#forgotten,
      ...(this.#state === 'done' && this.kind === 'value' && { result: this.#result }),
      ...(this.#problem && { problem: this.#problem }),
    };
  }
}

const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export class Runs {
  readonly #clock: Clock;
  readonly #runs = new Map<string, Run>();
  /** Runs that were ended and have not begun, with their owners; the latest ones. */
  readonly #endedEarly = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * An id for a new run. A client may choose it (a UUID), so that it can end the run before it has heard anything: even
   * before the run has begun, when its ending overtakes it.
   */
  newId(wish: string | undefined, owner: string): string {
    if (wish !== undefined && !RUN_ID.test(wish)) {
      throw new PhonectlError('invalid_input', 'Phonectl-Run has to be a UUID in lower case.');
    }
    if (wish !== undefined && this.#runs.has(wish)) {
      throw new PhonectlError('conflict', 'There is a run of this id already.');
    }
    if (wish !== undefined && this.#endedEarly.has(`${owner} ${wish}`)) throw endedByOwner();
    return wish ?? randomUUID();
  }

  start(facts: { id: string; operation: string; kind: 'value' | 'stream'; owner: string }): Run {
    this.#forget();
    const run = new Run({ ...facts, startedAt: this.#clock.now() });
    this.#runs.set(run.id, run);
    return run;
  }

  /** A run of this caller; another one's does not exist. */
  find(id: string, owner: string): Run | undefined {
    const run = this.#runs.get(id);
    return run?.owner === owner ? run : undefined;
  }

  /** Ends a run that has not begun: its request is still under way. */
  endEarly(id: string, owner: string): void {
    if (!RUN_ID.test(id)) return;
    this.#endedEarly.add(`${owner} ${id}`);
    const [oldest] = this.#endedEarly;
    if (this.#endedEarly.size > MOST_RUNS && oldest !== undefined) this.#endedEarly.delete(oldest);
  }

  byId(id: string): Run | undefined {
    return this.#runs.get(id);
  }

  running(): Run[] {
    return [...this.#runs.values()].filter((run) => run.state === 'running');
  }

  /** The oldest ones first, until what is left is young enough and not too much. */
  #forget(): void {
    const now = this.#clock.now();
    const ended = [...this.#runs.values()].filter((run) => run.endedAt !== undefined);
    let bytes = ended.reduce((sum, run) => sum + run.bytes, 0);
    for (const run of ended) {
      const young = now - run.endedAt! <= KEPT;
      if (young && this.#runs.size < MOST_RUNS && bytes <= MOST_KEPT_BYTES) continue;
      this.#runs.delete(run.id);
      bytes -= run.bytes;
    }
  }
}

export function endedByOwner(): PhonectlError {
  return new PhonectlError('conflict', 'Ended by the one who started it.');
}

export function noRun(): PhonectlError {
  return new PhonectlError('not_found', 'There is no such run.', {
    hints: [
      'A run can be asked for until an hour after its end, by the one who started it.',
      'With an Idempotency-Key its result can be asked for a day, after a restart of the server too.',
    ],
  });
}
