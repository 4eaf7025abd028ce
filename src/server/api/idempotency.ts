/**
 * `Idempotency-Key`: a write that is sent again does nothing again, and gets the first answer. Kept for a day, sealed, since
 * an answer may hold a new secret; of each caller only the newest, and of these only as many bytes as the limits say.
 */
import { createHash } from 'node:crypto';
import type { Installation } from '../../sdk/door.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import type { Limits } from './limits.ts';
import { toProblem } from './problems.ts';
import type { Run, RunReport } from './runs.ts';

/** Milliseconds. */
const KEPT = 24 * 3_600_000;
const CLEANED_EVERY = 600_000;
/** Beyond the limits there are never more than these, before what is too much is looked for again. */
const ANSWERS_BETWEEN = 100;
const BYTES_BETWEEN = 4 << 20;
const LARGEST_ANSWER = 1 << 20;
const KEY = /^[\x21-\x7e]{1,255}$/;

/** The answer of the first time. */
export interface KeptAnswer {
  readonly status: number;
  readonly kind: 'value' | 'stream';
  readonly body: string;
  /** The run without its result, which is the body. */
  readonly report: RunReport;
}

export type Found =
  | { readonly is: 'new' }
  | { readonly is: 'running'; readonly run: string }
  | { readonly is: 'answered'; readonly answer: KeptAnswer };

export class Idempotency {
  readonly #installation: Installation;
  readonly #limits: Limits;
  #cleanedAt = Number.NEGATIVE_INFINITY;
  #added = { answers: 0, bytes: 0 };

  constructor(installation: Installation, limits: Limits) {
    this.#installation = installation;
    this.#limits = limits;
  }

  /**
   * Claims the key for a run, or says what became of it. Throws `conflict` for a key that came with another request, and
   * for one whose run was cut off by a restart, so that nobody knows how far it came.
   */
  async claim(caller: string, key: string, request: readonly unknown[], run: string): Promise<Found> {
    if (!KEY.test(key)) {
      throw new PhonectlError('invalid_input', 'Idempotency-Key has to be 1 to 255 printable ASCII characters.');
    }
    const { store, clock } = this.#installation;
    const now = clock.now();
    const fingerprint = createHash('sha256').update(JSON.stringify(request)).digest('hex');
    const cleaning = clock.monotonic() - this.#cleanedAt > CLEANED_EVERY;
    if (cleaning) this.#cleanedAt = clock.monotonic();
    return await store.transaction(async ({ idempotency }): Promise<Found> => {
      if (cleaning) await idempotency.deleteBefore(now - KEPT);
      const kept = await idempotency.find(caller, key);
      if (kept === undefined || now - kept.createdAt > KEPT) {
        if (kept !== undefined) await idempotency.delete(caller, key);
        await idempotency.begin({ caller, key, fingerprint, run, createdAt: now });
        return { is: 'new' };
      }
      if (kept.fingerprint !== fingerprint) {
        throw new PhonectlError('conflict', 'This Idempotency-Key was used for another request.', {
          hints: ['Use a new key for a new request.'],
        });
      }
      if (kept.status === null) return { is: 'running', run: kept.run };
      return { is: 'answered', answer: this.#open(caller, key, kept.answer) };
    });
  }

  /** Keeps the answer of a run that has ended; forgets the claim where trying again may well succeed. */
  async settle(caller: string, key: string, run: Run): Promise<void> {
    const status = run.problem?.status ?? 200;
    const { store, secrets } = this.#installation;
    if (status === 429 || status >= 500) {
      await store.transaction(({ idempotency }) => idempotency.delete(caller, key));
      return;
    }
    const transcript = run.kind === 'value' ? JSON.stringify(run.problem ?? run.result ?? null) : run.transcript;
    const body = transcript !== undefined && transcript.length <= LARGEST_ANSWER ? transcript : undefined;
    const { result: _, ...report } = run.report();
    const answer: Partial<KeptAnswer> = { status, kind: run.kind, report, ...(body !== undefined && { body }) };
    const sealed = secrets.seal(JSON.stringify(answer), place(caller, key));
    const full = this.#isFull(sealed.length);
    await store.transaction(async ({ idempotency }) => {
      await idempotency.finish(caller, key, status, sealed);
      if (full) await idempotency.keepNewest(this.#limits.answersOfCaller, this.#limits.answerBytesOfCaller);
    });
  }

  /** Counts another answer; true when it is time to look for what is too much. */
  #isFull(size: number): boolean {
    this.#added.answers += 1;
    this.#added.bytes += size;
    const { answersOfCaller, answerBytesOfCaller } = this.#limits;
    const full =
      this.#added.answers >= Math.min(ANSWERS_BETWEEN, answersOfCaller) ||
      this.#added.bytes >= Math.min(BYTES_BETWEEN, answerBytesOfCaller);
    if (full) this.#added = { answers: 0, bytes: 0 };
    return full;
  }

  /** What became of a run that this process does not know: its answer, or that a restart cut it off. */
  async report(caller: string, run: string): Promise<RunReport | undefined> {
    const record = await this.#installation.store.read.idempotency.findRun(caller, run);
    if (record === undefined) return undefined;
    const { key, createdAt, status, answer } = record;
    if (status === null) {
      const startedAt = new Date(createdAt).toISOString();
      const problem = toProblem(lostRun());
      return { id: run, operation: '', state: 'failed', startedAt, endedAt: null, lines: 0, forgotten: 0, problem };
    }
    const { report, kind, body } = this.#open(caller, key, answer);
    return report.state === 'done' && kind === 'value' ? { ...report, result: JSON.parse(body) } : report;
  }

  #open(caller: string, key: string, sealed: Uint8Array | null): KeptAnswer {
    if (sealed !== null) {
      const answer = JSON.parse(this.#installation.secrets.open(sealed, place(caller, key))) as Partial<KeptAnswer>;
      if (answer.body !== undefined) return answer as KeptAnswer;
    }
    throw new PhonectlError('conflict', 'The request was carried out before; its answer is not kept.');
  }
}

export function lostRun(): PhonectlError {
  return new PhonectlError('conflict', 'The first request of this Idempotency-Key was cut off by a restart.', {
    hints: ['Look at what it has done, then send it again with a new key.'],
  });
}

function place(caller: string, key: string): string {
  return `idempotency:${caller}/${key}`;
}
