/** What is told to the callback addresses of access keys (KEY-02): written with what happened, delivered afterwards. */

/**
 * - `task.ended`: a task is done, halted or was missed; the object is its id
 * - `capture.ended`: a packet capture is done, cancelled or failed; the object is `<device id>/<capture id>`
 * - `ping`: somebody wants to see whether it arrives
 */
export type CallbackEvent = 'task.ended' | 'capture.ended' | 'ping';

export type CallbackState = 'waiting' | 'delivered' | 'failed' | 'not-allowed';

export interface CallbackRecord {
  readonly id: number;
  /** Names it to the receiver, who may get it twice. */
  readonly uid: string;
  readonly keyId: number;
  readonly event: CallbackEvent;
  readonly object: string;
  /** When it happened. Milliseconds since the epoch, as the others. */
  readonly at: number;
  readonly state: CallbackState;
  readonly attempts: number;
  readonly nextAt: number;
  readonly endedAt: number | null;
  /** Why the last attempt failed. */
  readonly problem: string | null;
}

export interface CallbackRepository {
  /** One for each key with a callback address that is not revoked, or for this key. */
  announce(event: CallbackEvent, object: string, at: number, keyId?: number): Promise<void>;
  /** Waiting ones whose time has come, oldest first. */
  due(now: number, limit: number): Promise<readonly CallbackRecord[]>;
  /** Keeps others from it until then; tells whether nobody else was quicker. */
  claim(callback: CallbackRecord, until: number): Promise<boolean>;
  change(
    id: number,
    change: Pick<CallbackRecord, 'state' | 'attempts' | 'nextAt' | 'endedAt' | 'problem'>,
  ): Promise<void>;
  /** Of these keys, newest first. */
  list(keyIds: readonly number[], limit: number): Promise<readonly CallbackRecord[]>;
  deleteEndedBefore(at: number): Promise<void>;
}
