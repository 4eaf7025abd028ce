/**
 * SQLite through `node:sqlite`: connections with the right pragmas, and the small dialect that lets Kysely speak to them.
 *
 * Two connections per process: one that writes (every transaction IMMEDIATE, one at a time) and one that only reads, so
 * that a long list never waits for an import.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { PhonectlError } from '../sdk/errors.ts';
import type { Schema } from './schema.ts';

/** How long one process waits for another's transaction before it says `locked`. Milliseconds. */
export const LOCK_TIMEOUT = 10_000;

export interface OpenOptions {
  readonly path: string;
  readonly readOnly?: boolean;
  /** Overrides {@link LOCK_TIMEOUT}. */
  readonly lockTimeout?: number;
}

/** `process.getBuiltinModule` spares the ESM loader's cost at start-up (toolchain.md section 3). */
function sqliteModule(): typeof import('node:sqlite') {
  return process.getBuiltinModule('node:sqlite');
}

/** Opens one connection. WAL and synchronous=FULL: acknowledged means on disk. */
export function openDatabase(options: OpenOptions): DatabaseSync {
  const { DatabaseSync } = sqliteModule();
  try {
    const database = new DatabaseSync(options.path, {
      readOnly: options.readOnly ?? false,
      timeout: options.lockTimeout ?? LOCK_TIMEOUT,
      enableForeignKeyConstraints: true,
    });
    if (!options.readOnly) database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;');
    database.exec('PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;');
    return database;
  } catch (error) {
    throw storeError(error, options.path);
  }
}

// SQLite result codes, https://www.sqlite.org/rescode.html; the low byte is the primary code.
const SQLITE = { busy: 5, locked: 6, readonly: 8, ioerr: 10, corrupt: 11, full: 13, cantopen: 14, notadb: 26 } as const;

/** Turns what SQLite throws into one of our errors; anything else comes back as it is. */
export function storeError(error: unknown, path = 'the store'): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error;
  const code = Number(error.errcode) & 0xff;
  switch (code) {
    case SQLITE.busy:
    case SQLITE.locked:
      return new PhonectlError('locked', 'Another process holds the store for too long.', {
        hints: ['Wait for the other phonectl command to finish, then try again.'],
        cause: error,
      });
    case SQLITE.full:
      return new PhonectlError('disk_full', `There is no space left for ${path}. Nothing of this change was kept.`, {
        hints: ['Free some space, then run the command again.'],
        cause: error,
      });
    case SQLITE.corrupt:
    case SQLITE.notadb:
      return new PhonectlError('damaged', `${path} is not a valid phonectl store.`, {
        hints: ['Check it with `phonectl home check`.', 'Restore a backup with `phonectl home restore FILE`.'],
        cause: error,
      });
    // A quota that is used up says so, and not that the disk is full.
    case SQLITE.ioerr:
      return new PhonectlError(
        'disk_error',
        `The disk refused to read or write ${path}. Nothing of this change was kept.`,
        {
          hints: [
            'See whether it is full, over its quota or broken, then run the command again.',
            'Check the store with `phonectl home check`.',
          ],
          cause: error,
        },
      );
    case SQLITE.cantopen:
    case SQLITE.readonly:
      return new PhonectlError('no_home', `${path} cannot be opened: ${error.message}.`, {
        hints: ['Check that the folder exists and that you may write in it.'],
        cause: error,
      });
    default:
      return error;
  }
}

/** Kysely over one connection of ours. Transactions are not Kysely's business: `Store.transaction` opens them. */
export function kyselyOver(database: DatabaseSync): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new NodeSqliteDialect(database) });
}

class NodeSqliteDialect implements Dialect {
  readonly #database: DatabaseSync;
  constructor(database: DatabaseSync) {
    this.#database = database;
  }
  createDriver(): Driver {
    return new NodeSqliteDriver(this.#database);
  }
  createAdapter(): SqliteAdapter {
    return new SqliteAdapter();
  }
  createIntrospector(db: Kysely<unknown>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }
  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }
}

class NodeSqliteDriver implements Driver {
  readonly #connection: NodeSqliteConnection;
  constructor(database: DatabaseSync) {
    this.#connection = new NodeSqliteConnection(database);
  }
  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }
  async beginTransaction(): Promise<void> {
    throw new Error('Transactions are opened by Store.transaction, so that they are IMMEDIATE.');
  }
  async commitTransaction(): Promise<void> {
    throw new Error('Transactions are opened by Store.transaction.');
  }
  async rollbackTransaction(): Promise<void> {
    throw new Error('Transactions are opened by Store.transaction.');
  }
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

type SqlValue = null | number | bigint | string | Uint8Array;

class NodeSqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const statement = this.#prepare(query.sql);
      const parameters = query.parameters as SqlValue[];
      // A statement with result columns is read; RETURNING counts as one.
      if (statement.columns().length > 0) return { rows: statement.all(...parameters) as R[] };
      const { changes, lastInsertRowid } = statement.run(...parameters);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    } catch (error) {
      throw storeError(error);
    }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    // Not from the statement cache: an iterator must not share its statement with a query that runs meanwhile.
    const statement = this.#database.prepare(query.sql);
    const chunk: R[] = [];
    for (const row of statement.iterate(...(query.parameters as SqlValue[]))) {
      chunk.push(row as R);
      if (chunk.length === 256) yield { rows: chunk.splice(0) };
    }
    if (chunk.length > 0) yield { rows: chunk };
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= 256) this.#statements.clear();
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
