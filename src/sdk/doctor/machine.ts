/** The machine and the home on it: disk, clock, who may read what. */
import type { OperationContext } from '../context.ts';
import { DATABASE, locateKey } from '../home.ts';
import type { Home } from '../ports/home.ts';
import { isSystemError } from '../system-error.ts';
import { type Check, fail, ok, warn } from './check.ts';

const GIB = 1024 ** 3;

/** Space where the home lies: uploads and firmware need it, and a full disk stops every write. */
export async function checkDisk(home: Home): Promise<Check> {
  const { statfs } = process.getBuiltinModule('node:fs/promises');
  const { bavail, bsize, blocks } = await statfs(home.path);
  const free = bavail * bsize;
  const share = blocks === 0 ? 0 : bavail / blocks;
  const found = `${(free / GIB).toFixed(1)} GiB (${Math.round(share * 100)} %) are free at ${home.path}.`;
  const remedy = 'Free some space, or move the home to a larger disk.';
  if (free < 0.1 * GIB) return fail('disk', found, remedy);
  return free < GIB || share < 0.05 ? warn('disk', found, remedy) : ok('disk', found);
}

/** Earliest time that can be true: when this version was written. */
const NOT_BEFORE = Date.UTC(2026, 0, 1);

/** A clock in the past or one that has jumped makes certificates invalid and the history unreadable. */
export async function checkClock({ clock, read }: OperationContext): Promise<Check> {
  const now = clock.now();
  const text = new Date(now).toISOString();
  if (now < NOT_BEFORE) {
    return fail('clock', `This machine believes it is ${text}.`, 'Set the clock, and let NTP keep it.');
  }
  for await (const { at } of read.log.list({ limit: 1 })) {
    if (at - now < 60_000) continue;
    const ahead = Math.round((at - now) / 1000);
    return fail(
      'clock',
      `The newest entry of the operation log is ${ahead} s in the future: the clock went back.`,
      'Set the clock, and let NTP keep it.',
    );
  }
  return ok('clock', `The clock says ${text}, and nothing recorded is later.`);
}

/** Folders 0700, files 0600 (security.md F-32): the home holds the fleet's secrets. */
export async function checkModes(home: Home): Promise<readonly Check[]> {
  const key = locateKey(home);
  const paths = [home.path, home.file(DATABASE), home.file('tls'), home.file('uploads'), home.file('run'), key];
  const open: string[] = [];
  for (const path of paths) {
    const mode = await modeOf(path);
    if (mode !== undefined && (mode & 0o077) !== 0) open.push(`${path} (${(mode & 0o777).toString(8)})`);
  }
  const checks = [
    open.length === 0
      ? ok('home.modes', 'Only this user can read the home and its key.')
      : fail(
          'home.modes',
          `Others can read ${open.join(', ')}.`,
          `chmod -R go= ${shellWord(home.path)} ${shellWord(key)}`,
        ),
  ];
  const { sep } = process.getBuiltinModule('node:path');
  if (key.startsWith(home.path + sep)) {
    checks.push(
      warn(
        'home.key',
        'The sealing key lies inside the home: a copy of the home is a copy of all secrets.',
        'Move it elsewhere and name it with PHONECTL_KEY_FILE.',
      ),
    );
  } else checks.push(ok('home.key', `The sealing key is kept apart: ${key}.`));
  return checks;
}

async function modeOf(path: string): Promise<number | undefined> {
  const { stat } = process.getBuiltinModule('node:fs/promises');
  try {
    return (await stat(path)).mode;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Structure of the database, without reading every row twice: stops at the first fault. */
export async function checkStore(home: Home): Promise<Check> {
  const { openDatabase } = await import('../../store/sqlite.ts');
  const database = openDatabase({ path: home.file(DATABASE), readOnly: true });
  try {
    const result = String(Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0]);
    return result === 'ok'
      ? ok('store', 'The database is whole.')
      : fail('store', `The database is damaged: ${result}.`, 'Restore a backup: phonectl home restore FILE.');
  } finally {
    database.close();
  }
}
