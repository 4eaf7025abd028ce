/** What an operation is handed: who asks, what they may see, and the ports to work with. */
import type { OperationTable } from './operation.ts';
import type { Clock } from './ports/clock.ts';
import type { Home } from './ports/home.ts';
import type { LogEntry } from './ports/log.ts';
import type { SecretBox } from './ports/secrets.ts';
import type { Repositories, Store } from './ports/store.ts';

export interface Actor {
  readonly kind: 'local' | 'user' | 'key' | 'system' | 'anonymous';
  /** Login name, key id, or the operating-system user for the local owner. */
  readonly name: string;
  /** Where the call came from: `local` or an address. */
  readonly source: string;
  /** Somebody outside who acts in the enterprise's name (ENT-11); the log calls them `delegate`. */
  readonly delegated?: boolean;
  /** The session of a signed-in user. */
  readonly session?: number;
}

/** Site ids that the actor may see; `all` for the owner. Part of every query, never a filter afterwards. */
export type DataScope = 'all' | readonly number[];

/** What a write says of itself; the door adds who, when and the operation. Secrets never. */
export type Recorded = Pick<LogEntry, 'object' | 'result'> & { details?: Readonly<Record<string, unknown>> };

export interface OperationContext {
  readonly operation: string;
  readonly actor: Actor;
  readonly scope: DataScope;
  /** What the caller may do within `scope`; for `require`, and for what may be granted to others. */
  readonly permissions: readonly string[];
  readonly enterpriseId: number;
  readonly store: Store;
  /** Repositories on the read connection. */
  readonly read: Repositories;
  readonly secrets: SecretBox;
  readonly home: Home;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Every operation there is, by name; absent in an installation that was put together by hand. */
  readonly operations?: () => Promise<OperationTable>;
  /** Tells the caller how far a value operation has come. JSON; nobody may be listening. */
  progress(event: unknown): void;
  /**
   * Throws `stale` when the caller made the call conditional on another version (`If-Match`). To be called inside
   * `write` with the version just read, else another write could come between.
   */
  checkVersion(version: number): void;
  /**
   * Another operation with a value, for the same caller and through the door: it needs its own permission, and what it
   * records counts as recorded.
   */
  call(name: string, input: unknown): Promise<unknown>;
  /** Throws `forbidden` when the actor lacks a further permission, such as `device:reveal`. */
  require(permission: string): void;
  /**
   * The only way to write. Runs `work` in one IMMEDIATE transaction and puts the operation-log entry that `work`
   * returns beside its result into the same transaction: what cannot be recorded does not happen.
   */
  write<T>(work: (repositories: Repositories) => Promise<[T, Recorded]>): Promise<T>;
}
