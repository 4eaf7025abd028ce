/** The store on SQLite: opening, migrating, transactions. */
import type { DatabaseSync } from 'node:sqlite';
import { isPhonectlError, PhonectlError } from '../sdk/errors.ts';
import type { BulkColumns, BulkDevices } from '../sdk/ports/bulk.ts';
import type { FactWriter } from '../sdk/ports/facts.ts';
import type { ServingReader } from '../sdk/ports/serving.ts';
import type { Repositories, Store } from '../sdk/ports/store.ts';
import { migrations, SCHEMA_VERSION } from './migrations/index.ts';
import { repositoriesOver } from './repositories/index.ts';
import { kyselyOver, LOCK_TIMEOUT, openDatabase, storeError } from './sqlite.ts';

export interface StoreOptions {
  /** Path of the database file. */
  readonly path: string;
  /** Makes the file when it is missing; only `init` and restore do. */
  readonly create?: boolean;
  readonly lockTimeout?: number;
}

const TYPES = {
  id: 'INTEGER PRIMARY KEY',
  sequence: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  int: 'INTEGER',
  blob: 'BLOB',
} as const;

/** Opens a store, bringing an older schema up to date. Throws `no_home`, `damaged`, `newer_schema`, `locked`. */
export function openStore(options: StoreOptions): SqliteStore {
  const { existsSync, chmodSync } = process.getBuiltinModule('node:fs');
  if (!options.create && !existsSync(options.path)) {
    throw new PhonectlError('no_home', `There is no phonectl store at ${options.path}.`, {
      hints: ['Make a home with `phonectl init --company NAME --url https://…`.', 'Or point PHONECTL_HOME at one.'],
    });
  }
  const lock = options.lockTimeout === undefined ? {} : { lockTimeout: options.lockTimeout };
  const writer = openDatabase({ path: options.path, ...lock });
  if (options.create) chmodSync(options.path, 0o600);
  try {
    migrate(writer);
  } catch (error) {
    writer.close();
    throw storeError(error, options.path);
  }
  return new SqliteStore(writer, openDatabase({ path: options.path, readOnly: true, ...lock }), options.lockTimeout);
}

function schemaVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

/** All missing migrations in one transaction: either the new schema is there or the old one is untouched. */
function migrate(database: DatabaseSync): void {
  if (schemaVersion(database) === SCHEMA_VERSION) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Asked again inside the transaction: another process may have been faster.
    const current = schemaVersion(database);
    if (current > SCHEMA_VERSION) {
      throw new PhonectlError(
        'newer_schema',
        `The store has schema ${current}; this phonectl knows ${SCHEMA_VERSION}.`,
        {
          hints: ['Use the newer phonectl that wrote it, or restore a backup made before the upgrade.'],
        },
      );
    }
    for (const migration of migrations) {
      if (migration.version <= current) continue;
      for (const statement of migration.statements(TYPES)) database.exec(statement);
    }
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

export class SqliteStore implements Store {
  readonly read: Repositories;
  readonly #writer: DatabaseSync;
  readonly #reader: DatabaseSync;
  readonly #write: Repositories;
  readonly #lockTimeout: number;
  #queue: Promise<unknown> = Promise.resolve();
  #serving: ServingReader | undefined;

  constructor(writer: DatabaseSync, reader: DatabaseSync, lockTimeout = LOCK_TIMEOUT) {
    this.#writer = writer;
    this.#reader = reader;
    this.#lockTimeout = lockTimeout;
    this.read = repositoriesOver({ database: reader, kysely: kyselyOver(reader) });
    this.#write = repositoriesOver({ database: writer, kysely: kyselyOver(writer) });
  }

  /** The raw connections, for the hot paths of this folder (bulk import, serving) and for backups. */
  get raw(): { readonly writer: DatabaseSync; readonly reader: DatabaseSync } {
    return { writer: this.#writer, reader: this.#reader };
  }

  transaction<T>(work: (repositories: Repositories) => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => this.#run(work));
    // The next transaction waits for this one whether it succeeds or not; its error belongs to the caller alone.
    this.#queue = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  async #run<T>(work: (repositories: Repositories) => Promise<T>): Promise<T> {
    await this.#begin();
    try {
      const result = await work(this.#write);
      this.#writer.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite has already rolled back by itself after some errors, such as a full disk.
      if (this.#writer.isTransaction) this.#writer.exec('ROLLBACK');
      throw storeError(error);
    }
  }

  /**
   * Waits for another process's transaction without holding up this one: SQLite's own waiting would stop the event loop,
   * and with it every phone and every caller of the API (security.md F-05).
   */
  async #begin(): Promise<void> {
    const deadline = performance.now() + this.#lockTimeout;
    for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
      try {
        this.#writer.exec('PRAGMA busy_timeout = 0; BEGIN IMMEDIATE');
        return;
      } catch (error) {
        const known = storeError(error);
        const locked = isPhonectlError(known) && known.code === 'locked';
        if (!locked || performance.now() > deadline) throw known;
      } finally {
        this.#writer.exec(`PRAGMA busy_timeout = ${this.#lockTimeout}`);
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  /** Work on the writing connection between transactions, such as attaching another database. */
  #idle<T>(work: (database: DatabaseSync) => T): Promise<T> {
    const turn = this.#queue.then(() => work(this.#writer));
    this.#queue = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  async bulkDevices(folder: string, columns: BulkColumns): Promise<BulkDevices> {
    const { SqliteBulkDevices } = await import('./bulk/devices.ts');
    return new SqliteBulkDevices(folder, columns, this.#writer.location() ?? '', {
      idle: (work) => this.#idle(work),
      transaction: (work) => this.transaction(async () => work(this.#writer)),
    });
  }

  version(): number {
    return Number(this.#reader.prepare('PRAGMA data_version').get()?.['data_version']);
  }

  reader(): { readonly read: Repositories; close(): void } {
    const database = openDatabase({ path: this.#writer.location() ?? '', readOnly: true });
    return { read: repositoriesOver({ database, kysely: kyselyOver(database) }), close: () => database.close() };
  }

  async serving(): Promise<ServingReader> {
    const { SqlServingReader } = await import('./serving.ts');
    // One for all: its two dozen statements take longer to prepare than a phone takes to be looked at.
    this.#serving ??= new SqlServingReader(this.#reader);
    return this.#serving;
  }

  async factWriter(): Promise<FactWriter> {
    const { ThreadFactWriter } = await import('./facts/writer.ts');
    return new ThreadFactWriter(this.#writer.location() ?? '');
  }

  async close(): Promise<void> {
    await this.#queue;
    this.#reader.close();
    this.#writer.close();
  }
}
