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
  operation?: string;
  object?: string;
  limit?: number;
}

export interface LogRepository {
  append(entry: LogEntry): Promise<number>;
  list(query: LogQuery): AsyncIterable<StoredLogEntry>;
}
