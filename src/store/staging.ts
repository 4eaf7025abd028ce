import type { Home } from '../sdk/ports/home.ts';
import type { Staging } from '../sdk/ports/staging.ts';
import { storeError } from './sqlite.ts';

/** Rows between two commits: few enough to stay in the page cache. */
const TRANSACTION = 20_000;

/**
 * A scratch database under `<home>/run`, for the owner only. Its file is unlinked as soon as it is open, so that no
 * crash leaves one behind; durability is of no use to it.
 */
export function openStaging(home: Home): Staging {
  const { mkdirSync, chmodSync, rmSync } = process.getBuiltinModule('node:fs');
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  mkdirSync(home.file('run'), { recursive: true, mode: 0o700 });
  const path = home.file('run', `import-${randomBytes(6).toString('hex')}.db`);
  const database = new DatabaseSync(path);
  // Not OFF, which SQLite's defensive mode ignores: a journal file would be left behind by a crash.
  database.exec('PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE');
  database.exec('CREATE TABLE staged (key TEXT NOT NULL, line INTEGER NOT NULL, data TEXT)');
  chmodSync(path, 0o600);
  rmSync(path);
  database.exec('CREATE UNIQUE INDEX staged_key ON staged(key)');
  database.exec('BEGIN');
  const insert = database.prepare('INSERT INTO staged (key, line, data) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const earlier = database.prepare('SELECT line FROM staged WHERE key = ?');
  let added = 0;
  return {
    add(key, line, data) {
      try {
        if (insert.run(key, line, data).changes === 0) return Number(earlier.get(key)?.['line']);
        added += 1;
        if (added % TRANSACTION === 0) database.exec('COMMIT; BEGIN');
        return undefined;
      } catch (error) {
        throw storeError(error, path);
      }
    },
    *batches(size) {
      const next = database.prepare(
        'SELECT rowid, line, data FROM staged WHERE rowid > ? AND data IS NOT NULL ORDER BY rowid LIMIT ?',
      );
      let last = 0;
      for (;;) {
        const rows = next.all(last, size) as { rowid: number; line: number; data: string }[];
        if (rows.length === 0) return;
        last = rows.at(-1)!.rowid;
        yield rows;
      }
    },
    [Symbol.dispose]: () => database.close(),
  };
}
