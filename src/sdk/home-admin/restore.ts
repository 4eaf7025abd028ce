/**
 * Puts a home back from a backup: unpacked beside its place, checked to the last byte, and moved there only when it is
 * whole. It runs before there is an installation, and so outside the door.
 */
import { array, isValiError, literal, number, object, parse, string } from 'valibot';
import { PhonectlError } from '../errors.ts';
import { DATABASE, type HomeOptions, locateHome, locateKey } from '../home.ts';
import { systemClock } from '../ports/clock.ts';
import type { Home } from '../ports/home.ts';
import { FOLDERS, KEY_CHECK, MANIFEST, type Manifest } from './backup.ts';
import { broken, TarReader } from './tar.ts';

export interface RestoreOptions extends HomeOptions {
  /** The backup. */
  readonly file: string;
  /** Replaces a home that is there; it is kept beside. */
  readonly force?: boolean;
  /** For the operation log; default the operating-system user. */
  readonly actor?: string;
}

export interface RestoredHome {
  readonly home: string;
  readonly company: string;
  /** When the backup was made, ISO 8601. */
  readonly createdAt: string;
  readonly files: number;
  /** Where the home is that was here before; null when there was none. */
  readonly replaced: string | null;
  /** Where the sealing key is, or has to be put. */
  readonly keyFile: string;
  readonly keyFound: boolean;
}

/** Throws `exists` over a home without `force`, `invalid_file` for a damaged backup, `wrong_key`, `newer_schema`. */
export async function restoreHome(options: RestoreOptions): Promise<RestoredHome> {
  const { existsSync, mkdirSync, rmSync } = process.getBuiltinModule('node:fs');
  const { dirname } = process.getBuiltinModule('node:path');
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const home = locateHome(options);
  if (existsSync(home.file(DATABASE)) && options.force !== true) {
    throw new PhonectlError('exists', `There is a home at ${home.path}.`, {
      hints: ['Restore into another folder with --home, or replace this one with --force; it is kept beside.'],
    });
  }
  mkdirSync(dirname(home.path), { recursive: true, mode: 0o700 });
  const staged = `${home.path}.restore-${randomBytes(6).toString('hex')}`;
  mkdirSync(staged, { mode: 0o700 });
  try {
    const manifest = await unpack(options.file, staged);
    const parts = locateHome({ home: staged });
    const key = checkKey(parts, manifest, await import('../../store/secrets.ts'));
    await checkDatabase(parts);
    await record(parts, manifest, options.actor);
    const replaced = moveInto(staged, home);
    const { company, createdAt, files } = manifest;
    return { home: home.path, company, createdAt, files: files.length, replaced, ...key };
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

/** Writes the files of a backup into a folder. Returns what the manifest says when all of it is true. */
async function unpack(file: string, folder: string): Promise<Manifest> {
  const { createReadStream, mkdirSync } = process.getBuiltinModule('node:fs');
  const { dirname, join } = process.getBuiltinModule('node:path');
  const reader = new TarReader(readable(file, createReadStream));
  const found = new Map<string, { size: number; sha256: string }>();
  for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
    if (entry.name === MANIFEST) {
      const parts: Buffer[] = [];
      for await (const piece of reader.content(entry)) parts.push(Buffer.from(piece));
      return checkManifest(Buffer.concat(parts).toString('utf8'), found);
    }
    checkName(entry.name);
    const path = join(folder, entry.name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    found.set(entry.name, { size: entry.size, sha256: await writeOut(path, reader.content(entry)) });
  }
  throw broken('its manifest is missing');
}

async function* readable(
  file: string,
  open: (path: string, options: { highWaterMark: number }) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* open(file, { highWaterMark: 1 << 20 });
  } catch (cause) {
    throw new PhonectlError('invalid_file', `${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

/** Only what a backup holds, and never a path that leads elsewhere (security.md I-02). */
function checkName(name: string): void {
  const [first = '', ...rest] = name.split('/');
  const known =
    name === 'home.json' || name === DATABASE || (FOLDERS.some((folder) => folder === first) && rest.length > 0);
  const safe =
    !name.includes('\\') && !name.includes('\0') && rest.every((part) => part !== '' && !part.startsWith('.'));
  if (!known || !safe) throw broken(`it holds ${JSON.stringify(name)}, which belongs to no home`);
}

async function writeOut(path: string, content: AsyncIterable<Buffer>): Promise<string> {
  const { openSync, writeSync, fsyncSync, closeSync } = process.getBuiltinModule('node:fs');
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('sha256');
  const file = openSync(path, 'wx', 0o600);
  try {
    for await (const piece of content) {
      hash.update(piece);
      for (let done = 0; done < piece.length; ) done += writeSync(file, piece, done);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

function checkManifest(text: string, found: ReadonlyMap<string, { size: number; sha256: string }>): Manifest {
  const manifest = readManifest(text);
  if (manifest.files.length !== found.size) throw broken('files are missing');
  for (const { name, size, sha256 } of manifest.files) {
    const file = found.get(name);
    if (file === undefined || file.size !== size || file.sha256 !== sha256) throw broken(`${name} is damaged`);
  }
  if (!found.has(DATABASE) || !found.has('home.json')) throw broken('the database is missing');
  return manifest;
}

function readManifest(text: string): Manifest {
  try {
    return parse(manifestSchema, JSON.parse(text));
  } catch (cause) {
    if (!(cause instanceof SyntaxError) && !isValiError(cause)) throw cause;
    throw broken(`its manifest is damaged (${cause.message})`);
  }
}

const manifestSchema = object({
  format: literal(1),
  home: string(),
  company: string(),
  schema: number(),
  createdAt: string(),
  keyCheck: string(),
  files: array(object({ name: string(), size: number(), sha256: string() })),
});

/** The key is looked for where this home's key belongs. Without it the home is restored, with it, it must fit. */
function checkKey(
  home: Home,
  manifest: Manifest,
  { parseKeyFile, secretBox }: typeof import('../../store/secrets.ts'),
): { keyFile: string; keyFound: boolean } {
  const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
  const keyFile = locateKey(home);
  if (!existsSync(keyFile)) return { keyFile, keyFound: false };
  const secrets = secretBox(parseKeyFile(readFileSync(keyFile, 'utf8'), keyFile));
  if (secrets.fingerprint(KEY_CHECK) !== manifest.keyCheck) {
    throw new PhonectlError('wrong_key', `The key ${keyFile} is not the one of this backup.`, {
      hints: ['Name the right one with PHONECTL_KEY_FILE. Nothing was changed.'],
    });
  }
  return { keyFile, keyFound: true };
}

async function checkDatabase(home: Home): Promise<void> {
  const [{ openDatabase }, { integrityProblems }] = await Promise.all([
    import('../../store/sqlite.ts'),
    import('../../store/check.ts'),
  ]);
  const database = openDatabase({ path: home.file(DATABASE) });
  try {
    const [problem] = integrityProblems(database);
    if (problem !== undefined) throw broken(problem);
  } finally {
    database.close();
  }
}

async function record(home: Home, manifest: Manifest, actor?: string): Promise<void> {
  const { openStore } = await import('../../store/store.ts');
  const store = openStore({ path: home.file(DATABASE) });
  try {
    await store.transaction(async ({ log }) => {
      await log.append({
        operation: 'home.restore',
        object: 'home',
        result: 'done',
        actor: actor ?? process.getBuiltinModule('node:os').userInfo().username,
        actorKind: 'local',
        source: 'local',
        at: systemClock.now(),
        details: { backup: manifest.createdAt, files: manifest.files.length },
      });
    });
  } finally {
    await store.close();
  }
}

/** Moves the staged home to its place; what was there is moved aside first. Returns where that is now. */
function moveInto(staged: string, home: Home): string | null {
  const { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync } = process.getBuiltinModule('node:fs');
  for (const folder of [...FOLDERS, 'run']) mkdirSync(`${staged}/${folder}`, { recursive: true, mode: 0o700 });
  let replaced: string | null = null;
  if (existsSync(home.path) && readdirSync(home.path).length === 0) {
    rmdirSync(home.path);
  } else if (existsSync(home.path)) {
    const stamp = new Date(systemClock.now()).toISOString().replace(/[:.]/g, '-');
    replaced = `${home.path}.replaced-${stamp}`;
    renameSync(home.path, replaced);
  }
  renameSync(staged, home.path);
  return replaced;
}
