import { type Selectable, sql } from 'kysely';
import type {
  ChainedLogEntry,
  LogAnchor,
  LogEntry,
  LogQuery,
  LogRepository,
  StoredLogEntry,
} from '../../sdk/ports/log.ts';
import { type Connection, ENTERPRISE } from '../connection.ts';
import type { OperationLogTable } from '../schema/fleet.ts';

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
    if (query.operation !== undefined) select = select.where(startsWith('operation', query.operation));
    if (query.object !== undefined)
      select = select.where(sql<boolean>`instr(lower(object), lower(${query.object})) > 0`);
    if (query.result !== undefined) select = select.where('result', '=', query.result);
    if (query.within !== undefined) select = select.where(within(query.within));
    if (query.limit !== undefined) select = select.limit(query.limit);
    for await (const row of select.orderBy('id', query.oldestFirst ? 'asc' : 'desc').stream()) yield entry(row);
  }

  async *chain(from: LogAnchor): AsyncIterable<ChainedLogEntry> {
    const rows = this.#kysely
      .selectFrom('operation_log')
      .selectAll()
      .where('enterprise_id', '=', ENTERPRISE)
      .where('id', '>', from.id)
      .orderBy('id')
      .stream();
    let previous = from.hash;
    for await (const row of rows) {
      const stored = entry(row);
      yield { ...stored, expected: chain(previous, stored, row.details) };
      previous = row.hash;
    }
  }

  async lastBefore(at: number): Promise<(LogAnchor & { readonly at: number }) | undefined> {
    return await this.#kysely
      .selectFrom('operation_log')
      .select(['id', 'hash', 'at'])
      .where('enterprise_id', '=', ENTERPRISE)
      .where('at', '<', at)
      .where('id', '<', sql<number>`(SELECT max(id) FROM operation_log)`)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
  }

  async count(upTo: number): Promise<number> {
    const { entries } = await this.#kysely
      .selectFrom('operation_log')
      .select(({ fn }) => fn.countAll<number>().as('entries'))
      .where('enterprise_id', '=', ENTERPRISE)
      .where('id', '<=', upTo)
      .executeTakeFirstOrThrow();
    return entries;
  }

  async deleteUpTo(id: number): Promise<void> {
    await this.#kysely
      .deleteFrom('operation_log')
      .where('enterprise_id', '=', ENTERPRISE)
      .where('id', '<=', id)
      .execute();
  }
}

function startsWith(column: 'operation', text: string): ReturnType<typeof sql<boolean>> {
  return sql<boolean>`substr(${sql.ref(column)}, 1, ${text.length}) = ${text}`;
}

/** An entry on many devices may name some that are out of sight; only those on one device can be told apart. */
function within({ actor, sites }: NonNullable<LogQuery['within']>): ReturnType<typeof sql<boolean>> {
  const seen =
    sites.length === 0
      ? sql`0`
      : sql`EXISTS (SELECT 1 FROM device WHERE device.site_id IN (${sql.join(sites)})
          AND operation_log.object IN ('device:' || device.mac, 'device:' || device.serial))`;
  return sql<boolean>`(actor = ${actor} OR ${seen})`;
}

function entry(row: Selectable<OperationLogTable>): StoredLogEntry {
  return {
    id: row.id,
    at: row.at,
    operation: row.operation,
    object: row.object,
    result: row.result as LogEntry['result'],
    actor: row.actor,
    actorKind: row.actor_kind,
    source: row.source,
    details: JSON.parse(row.details) as Record<string, unknown>,
    hash: row.hash,
  };
}

/** Each entry's hash covers the one before it, so that a changed, missing or moved line shows (security.md F-16). */
export function chain(previous: string, entry: LogEntry, details: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const fields = [entry.at, entry.operation, entry.object, entry.result, entry.actor, entry.actorKind, entry.source];
  return createHash('sha256')
    .update(JSON.stringify([previous, ...fields, details]))
    .digest('hex');
}
