/** The scratch database of one import: a private file beside the fleet's, gone when the import is. */
import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../sqlite.ts';

const TABLES = `
  CREATE TABLE what (id INTEGER PRIMARY KEY, vendor TEXT, model TEXT, family TEXT, kind TEXT, said INTEGER NOT NULL);
  CREATE TABLE staged (
    n INTEGER PRIMARY KEY, line INTEGER NOT NULL, mac TEXT, serial TEXT, what INTEGER NOT NULL, machine_id TEXT,
    name TEXT, name_key TEXT, description TEXT, site_id INTEGER, site_mode TEXT, private_ip TEXT, control_url TEXT,
    port TEXT, tags TEXT, groups TEXT, document TEXT, cells TEXT,
    device_id INTEGER, outcome TEXT NOT NULL DEFAULT 'create');
  CREATE TABLE staged_line (
    n INTEGER NOT NULL, line INTEGER NOT NULL, col TEXT NOT NULL, reference TEXT NOT NULL, type TEXT, typed_key TEXT,
    name_key TEXT NOT NULL, account_id INTEGER, PRIMARY KEY (n, line)) WITHOUT ROWID;
  CREATE TABLE rejected (n INTEGER PRIMARY KEY, cells TEXT);
  CREATE TABLE problem (
    id INTEGER PRIMARY KEY, n INTEGER NOT NULL, line INTEGER NOT NULL, col TEXT NOT NULL, value TEXT NOT NULL,
    reason TEXT NOT NULL, remedy TEXT NOT NULL);
  CREATE INDEX problem_n ON problem(n);
`;

export interface Scratch {
  readonly path: string;
  /** Its main schema is the scratch; the fleet is attached as `fleet`, for reading. */
  readonly database: DatabaseSync;
  remove(): void;
}

/** Makes a scratch database in `folder` (0700, file 0600) and clears those that killed imports left. */
export function openScratch(folder: string, fleetPath: string): Scratch {
  const fs = process.getBuiltinModule('node:fs');
  const { join } = process.getBuiltinModule('node:path');
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  removeAbandoned(folder);
  const path = join(folder, `import-${process.pid}-${crypto.randomUUID().slice(0, 8)}.db`);
  fs.writeFileSync(path, '', { mode: 0o600, flag: 'wx' });
  const database = openDatabase({ path });
  // What is lost with the process is made again by the same command: no journal, no waiting for the disk.
  database.exec('PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8192; PRAGMA foreign_keys=OFF;');
  database.exec(TABLES);
  database.prepare('ATTACH ? AS fleet').run(fleetPath);
  database.exec('PRAGMA fleet.cache_size=-8192;');
  return {
    path,
    database,
    remove() {
      database.close();
      removeFiles(path);
    },
  };
}

function removeAbandoned(folder: string): void {
  const { readdirSync } = process.getBuiltinModule('node:fs');
  const { join } = process.getBuiltinModule('node:path');
  for (const name of readdirSync(folder)) {
    const owner = /^import-(\d+)-[0-9a-f]{8}\.db$/.exec(name)?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) removeFiles(join(folder, name));
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export function removeFiles(path: string): void {
  const { rmSync } = process.getBuiltinModule('node:fs');
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
}
