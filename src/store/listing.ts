/** What lists of all kinds share: search, order, window, scope. */
import { type RawBuilder, sql } from 'kysely';
import { PhonectlError } from '../sdk/errors.ts';
import type { Connection } from './connection.ts';
import { storeError } from './sqlite.ts';

/**
 * A condition that holds when one of the texts contains `text`, without regard to case (PLAT-05). SQLite's LIKE folds
 * ASCII only, so the other letters are looked for in lower and in upper case.
 */
export function contains(texts: readonly RawBuilder<unknown>[], text: string): RawBuilder<boolean> {
  const escaped = text.normalize('NFC').replace(/[\\%_]/g, '\\$&');
  const patterns = new Set([escaped, escaped.toLowerCase(), escaped.toUpperCase()]);
  const ascii = /^[\x20-\x7e]*$/.test(escaped);
  const tests = texts.flatMap((column) =>
    (ascii ? [escaped] : [...patterns]).map((pattern) => sql<boolean>`${column} like ${`%${pattern}%`} escape '\\'`),
  );
  return sql<boolean>`(${sql.join(tests, sql` or `)})`;
}

/** `name,-deviceCount` as ORDER BY terms; `fields` says what can be sorted by. The id comes last, so that it is total. */
export function orderBy(
  sort: string | undefined,
  fields: Readonly<Record<string, RawBuilder<unknown>>>,
  standard: RawBuilder<unknown>,
  id: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const terms = (sort ?? '')
    .split(',')
    .map((term) => term.trim())
    .filter((term) => term !== '')
    .map((term) => {
      const match = /^(-?)(.*?)(?::(asc|desc))?$/.exec(term);
      const name = match?.[2] ?? '';
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (field === undefined) {
        throw new PhonectlError('usage', `A list cannot be sorted by "${name}".`, {
          hints: [`Fields: ${Object.keys(fields).join(', ')}`],
        });
      }
      const descending = (match?.[1] === '-') !== (match?.[3] === 'desc');
      // Nothing comes last either way.
      const empty = sql`(${field} is null or ${field} = '')`;
      return descending ? sql`${empty}, ${field} desc` : sql`${empty}, ${field}`;
    });
  return sql.join([...(terms.length > 0 ? terms : [standard]), id]);
}

/** LIMIT and OFFSET; SQLite and PostgreSQL both read `limit -1`/`all` differently, so none is written when none is wanted. */
export function window(limit: number | undefined, offset: number | undefined): RawBuilder<unknown> {
  if (limit === undefined) return offset ? sql`limit ${Number.MAX_SAFE_INTEGER} offset ${offset}` : sql``;
  return sql`limit ${limit} offset ${offset ?? 0}`;
}

/** Rows whose site is in scope; a column that may be NULL belongs to `all` only. */
export function inScope(scope: 'all' | readonly number[], column: RawBuilder<unknown>): RawBuilder<boolean> {
  if (scope === 'all') return sql<boolean>`true`;
  if (scope.length === 0) return sql<boolean>`false`;
  return sql<boolean>`${column} in (${sql.join(scope)})`;
}

/** Ids in pieces that fit into one statement (SQLite takes 32,766 parameters). */
export function* inPieces<T>(values: readonly T[], size = 10_000): Generator<readonly T[]> {
  for (let start = 0; start < values.length; start += size) yield values.slice(start, start + size);
}

/** SQLITE_CONSTRAINT_UNIQUE and _PRIMARYKEY, https://www.sqlite.org/rescode.html#constraint_unique */
const UNIQUE = new Set([2067, 1555]);

type SqlValue = null | number | bigint | string | Uint8Array;

/** The rows of a query as a cursor, in constant memory. */
export async function* streamRows<T>({ database, kysely }: Connection, query: RawBuilder<T>): AsyncGenerator<T> {
  const { sql: text, parameters } = query.compile(kysely);
  try {
    yield* database.prepare(text).iterate(...(parameters as SqlValue[])) as Iterable<T>;
  } catch (error) {
    throw storeError(error);
  }
}

/** Whether SQLite refused a row because another has its unique value. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && UNIQUE.has(Number(error.errcode));
}

/** Runs a write and turns a broken unique index into `exists`. */
export async function unique<T>(what: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isUniqueViolation(error)) {
      throw new PhonectlError('exists', `${what} exists already.`, { cause: error });
    }
    throw error;
  }
}
