/** The operation log: who did what (LOG-01). Hash-chained; secrets never. */
export interface LogEntry {
  readonly operation: string;
  /** What was acted on, such as `device:0004f2abcdef` or `devices (412)`. */
  readonly object: string;
  readonly result: 'done' | 'partial' | 'failed';
  readonly actor: string;
  readonly actorKind: string;
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface StoredLogEntry extends LogEntry {
  readonly id: number;
  readonly hash: string;
}

export interface LogQuery {
  since?: number;
  until?: number;
  actor?: string;
  source?: string;
  /** Beginning of the operation's name: `device`, `device.reboot`. */
  operation?: string;
  /** Any part of the object. */
  object?: string;
  result?: LogEntry['result'];
  limit?: number;
  oldestFirst?: boolean;
  /** Only what this caller did, and what was done to single devices of these sites. */
  within?: { readonly actor: string; readonly sites: readonly number[] };
}

/** Where a chain begins or ends: an entry and its hash. */
export interface LogAnchor {
  readonly id: number;
  readonly hash: string;
}

/** An entry with what its hash should be, given the one before it. */
export interface ChainedLogEntry extends StoredLogEntry {
  readonly expected: string;
}

export interface LogRepository {
  append(entry: LogEntry): Promise<number>;
  /** Newest first, unless told otherwise. */
  list(query: LogQuery): AsyncIterable<StoredLogEntry>;
  /** Oldest first, every entry behind the anchor, with the hash that it should have. */
  chain(from: LogAnchor): AsyncIterable<ChainedLogEntry>;
  /** The last entry before a moment, never the newest of all: the next one is chained to that. */
  lastBefore(at: number): Promise<(LogAnchor & { readonly at: number }) | undefined>;
  count(upTo: number): Promise<number>;
  deleteUpTo(id: number): Promise<void>;
}
