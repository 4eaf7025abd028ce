/** Answers kept for the `Idempotency-Key` of a write, so that a repeated request does nothing twice. */
export interface IdempotencyRecord {
  readonly caller: string;
  readonly key: string;
  /** Hash of operation and input: the same key with another request is a mistake. */
  readonly fingerprint: string;
  /** Id of the run that does the work. */
  readonly run: string;
  /** Status and sealed body of the answer; absent while the work goes on. */
  readonly status: number | null;
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
}
