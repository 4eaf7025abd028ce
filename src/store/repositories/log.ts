import type { LogEntry, LogQuery, LogRepository, StoredLogEntry } from '../../sdk/ports/log.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';

export class SqlLogRepository implements LogRepository {
  readonly #kysely: Connection['kysely'];
  constructor({ kysely }: Connection) {
    this.#kysely = kysely;
  }

  async append(entry: LogEntry): Promise<number> {
    const last = await this.#kysely
      .selectFrom('operation_log')
      .select('hash')
      .where('enterprise_id', '=', ENTERPRISE)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    const details = JSON.stringify(entry.details);
    const { id } = await this.#kysely
      .insertInto('operation_log')
      .values({
        enterprise_id: ENTERPRISE,
        at: entry.at,
        operation: entry.operation,
        object: entry.object,
        result: entry.result,
        actor: entry.actor,
        actor_kind: entry.actorKind,
        source: entry.source,
        details,
        hash: chain(last?.hash ?? '', entry, details),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  }

  async *list(query: LogQuery): AsyncIterable<StoredLogEntry> {
    let select = this.#kysely.selectFrom('operation_log').selectAll().where('enterprise_id', '=', ENTERPRISE);
    if (query.since !== undefined) select = select.where('at', '>=', query.since);
    if (query.until !== undefined) select = select.where('at', '<', query.until);
    if (query.actor !== undefined) select = select.where('actor', '=', query.actor);
    if (query.source !== undefined) select = select.where('source', '=', query.source);
    if (query.operation !== undefined) select = select.where('operation', 'like', `${query.operation}%`);
    if (query.object !== undefined) select = select.where('object', 'like', `%${query.object}%`);
    if (query.limit !== undefined) select = select.limit(query.limit);
    for await (const row of select.orderBy('id', 'desc').stream()) {
      yield {
        id: row.id,
        at: row.at,
        operation: row.operation,
        object: row.object,
        result: row.result as LogEntry['result'],
        actor: row.actor,
        actorKind: row.actor_kind,
        source: row.source,
        details: JSON.parse(row.details),
        hash: row.hash,
      };
    }
  }
}

/** Each entry's hash covers the one before it, so that a changed, missing or moved line shows (security.md F-16). */
export function chain(previous: string, entry: LogEntry, details: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const fields = [entry.at, entry.operation, entry.object, entry.result, entry.actor, entry.actorKind, entry.source];
  return createHash('sha256')
    .update(JSON.stringify([previous, ...fields, details]))
    .digest('hex');
}
