/** Whether a home is whole: its database, its secrets, its files' modes, its operation log. */
import type { OperationContext } from '../context.ts';
import { isPhonectlError } from '../errors.ts';
import { DATABASE, locateKey } from '../home.ts';
import { verifyLog } from '../logs/logs.ts';
import type { Home } from '../ports/home.ts';

export interface Finding {
  /** `database`, `references`, `sites`, `secrets`, `certificates`, `modes`, `key`, `log`. */
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'error';
  readonly message: string;
  /** What to do; null when all is well. */
  readonly remedy: string | null;
}

export interface HomeCheck {
  readonly home: string;
  /** False when there is an error among the findings. */
  readonly intact: boolean;
  readonly findings: readonly Finding[];
}

const RESTORE = 'Restore a backup with `phonectl home restore FILE`.';

export async function checkHome(context: OperationContext): Promise<HomeCheck> {
  const { openDatabase } = await import('../../store/sqlite.ts');
  const { integrityProblems, sealedValues, siteProblems } = await import('../../store/check.ts');
  const findings: Finding[] = [];
  const database = openDatabase({ path: context.home.file(DATABASE), readOnly: true });
  try {
    findings.push(...databaseFindings(integrityProblems(database), siteProblems(database)));
    findings.push(secretsFinding(context, sealedValues(database)));
  } finally {
    database.close();
  }
  findings.push(await certificatesFinding(context));
  findings.push(...keyFindings(context.home));
  findings.push(modesFinding(context.home));
  findings.push(await logFinding(context));
  return { home: context.home.path, intact: findings.every(({ status }) => status !== 'error'), findings };
}

function databaseFindings(integrity: readonly string[], sites: readonly string[]): readonly Finding[] {
  return [
    integrity.length === 0
      ? ok('database', 'The database is whole, and every reference leads somewhere.')
      : error('database', integrity.join(' '), RESTORE),
    sites.length === 0 ? ok('sites', 'The default sites are there.') : error('sites', sites.join(' '), RESTORE),
  ];
}

/** Names in a message; more would not be read. */
const NAMED = 5;

function secretsFinding(
  { secrets, signal }: OperationContext,
  values: Iterable<{ readonly what: string; readonly row: string; readonly sealed: Uint8Array }>,
): Finding {
  const closed: string[] = [];
  let count = 0;
  for (const { what, row, sealed } of values) {
    if (count % 1000 === 0) signal.throwIfAborted();
    count += 1;
    try {
      secrets.open(sealed, row);
    } catch (cause) {
      if (!isPhonectlError(cause)) throw cause;
      closed.push(what);
    }
  }
  if (closed.length === 0) return ok('secrets', `All ${count} sealed values open.`);
  const named = closed.slice(0, NAMED).join(', ');
  const more = closed.length > NAMED ? ` and ${closed.length - NAMED} more` : '';
  return error(
    'secrets',
    `${closed.length} of ${count} sealed values do not open: ${named}${more}.`,
    closed.length === count
      ? 'The key is not the one of this home: name the right one with PHONECTL_KEY_FILE.'
      : 'Set these passwords anew, or restore a backup.',
  );
}

async function certificatesFinding({ home, secrets }: OperationContext): Promise<Finding> {
  const { readIdentities } = await import('../certificates/identity.ts');
  const { createPrivateKey } = process.getBuiltinModule('node:crypto');
  try {
    const { identities, passphrase } = readIdentities(home, secrets);
    for (const { key } of identities) createPrivateKey({ key, passphrase });
    return ok('certificates', `${identities.length} server certificates with their keys.`);
  } catch (cause) {
    const remedy = 'Make new ones with `phonectl cert renew`.';
    return warning(
      'certificates',
      `The server has no certificate that it can use: ${(cause as Error).message}`,
      remedy,
    );
  }
}

function keyFindings(home: Home): readonly Finding[] {
  const { relative, isAbsolute } = process.getBuiltinModule('node:path');
  const path = locateKey(home);
  const inside = relative(home.path, path);
  if (inside.startsWith('..') || isAbsolute(inside)) return [ok('key', `The sealing key is ${path}.`)];
  const remedy = 'Move it elsewhere and name it with PHONECTL_KEY_FILE.';
  return [warning('key', `The sealing key ${path} lies inside the home, beside what it protects.`, remedy)];
}

/** Everything is for the owner only: folders 0700, files 0600. */
function modesFinding(home: Home): Finding {
  const { existsSync, readdirSync, statSync } = process.getBuiltinModule('node:fs');
  const { join } = process.getBuiltinModule('node:path');
  if (process.platform === 'win32') return ok('modes', 'Windows keeps the rights of files elsewhere.');
  const paths = [home.path, locateKey(home)];
  for (const name of readdirSync(home.path)) paths.push(home.file(name));
  for (const folder of ['tls', 'models', 'catalogues', 'run']) {
    if (existsSync(home.file(folder)))
      paths.push(...readdirSync(home.file(folder)).map((name) => join(home.file(folder), name)));
  }
  const open = paths.filter((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat !== undefined && (stat.mode & 0o077) !== 0;
  });
  if (open.length === 0) return ok('modes', 'Files and folders are for their owner only.');
  const remedy = `chmod go-rwx ${open.slice(0, NAMED).join(' ')}`;
  return warning('modes', `Others may reach ${open.slice(0, NAMED).join(', ')}.`, remedy);
}

async function logFinding(context: OperationContext): Promise<Finding> {
  const { intact, entries, problems } = await verifyLog(context, undefined);
  if (intact) return ok('log', `The operation log of ${entries} entries is a whole chain.`);
  return error('log', problems[0]?.message ?? 'The operation log is broken.', 'See `phonectl log verify`.');
}

function ok(check: string, message: string): Finding {
  return { check, status: 'ok', message, remedy: null };
}
function warning(check: string, message: string, remedy: string): Finding {
  return { check, status: 'warning', message, remedy };
}
function error(check: string, message: string, remedy: string): Finding {
  return { check, status: 'error', message, remedy };
}
