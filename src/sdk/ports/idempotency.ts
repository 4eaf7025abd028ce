/** Answers kept for the `Idempotency-Key` of a write, so that a repeated request does nothing twice. */
export interface IdempotencyRecord {
  readonly caller: string;
  readonly key: string;
  /** Hash of operation and input: the same key with another request is a mistake. */
  readonly fingerprint: string;
  /** Id of the run that does the work. */
  readonly run: string;
  /** Of the answer; absent while the work goes on. */
  readonly status: number | null;
  /** Its sealed body; absent while the work goes on, and when there was no room for it any more. */
  readonly answer: Uint8Array | null;
  readonly createdAt: number;
}

export interface IdempotencyRepository {
  find(caller: string, key: string): Promise<IdempotencyRecord | undefined>;
  /** The record that a run was started under. */
  findRun(caller: string, run: string): Promise<IdempotencyRecord | undefined>;
  begin(record: Pick<IdempotencyRecord, 'caller' | 'key' | 'fingerprint' | 'run' | 'createdAt'>): Promise<void>;
  finish(caller: string, key: string, status: number, answer: Uint8Array): Promise<void>;
  delete(caller: string, key: string): Promise<void>;
  deleteBefore(createdAt: number): Promise<void>;
  /** Of each caller: forgets all but the newest answers, and the bodies of those that together exceed `bytes`. */
  keepNewest(answers: number, bytes: number): Promise<void>;
}
