/**
 * A backup of a home: one tar file with the database as it is at this moment, certificates, own models, uploads and files. The
 * sealing key is never in it. The last file, `manifest.json`, holds the checksum of all others: a backup without it is
 * not whole. Others may write to the home meanwhile.
 */
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { DATABASE } from '../home.ts';
import { isSystemError } from '../system-error.ts';
import { TAR_END, tarHeader, tarPadding } from './tar.ts';

export const MANIFEST = 'manifest.json';
/** Folders of a home that are in a backup with everything in them. */
export const FOLDERS = ['tls', 'models', 'catalogues', 'uploads', 'files'] as const;

export interface Manifest {
  readonly format: 1;
  readonly home: string;
  readonly company: string;
  readonly schema: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** A keyed hash by which a key is known to be the right one; the key cannot be told from it. */
  readonly keyCheck: string;
  readonly files: readonly { readonly name: string; readonly size: number; readonly sha256: string }[];
}

export interface Backup {
  readonly file: string;
  readonly bytes: number;
  readonly files: number;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** The text whose fingerprint tells whether a key is the right one. */
export const KEY_CHECK = 'phonectl backup';

/** Writes a backup. Throws `exists` unless the file may be overwritten, `disk_full`. */
export async function backupHome(
  context: OperationContext,
  input: { readonly file: string; readonly overwrite?: boolean | undefined },
): Promise<Backup> {
  const { existsSync, renameSync, rmSync } = process.getBuiltinModule('node:fs');
  const { resolve } = process.getBuiltinModule('node:path');
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const file = resolve(input.file);
  if (existsSync(file) && input.overwrite !== true) {
    throw new PhonectlError('exists', `${file} exists already.`, { hints: ['Choose another name, or give --force.'] });
  }
  removeAbandoned(context);
  const suffix = randomBytes(6).toString('hex');
  const snapshot = context.home.file('run', `backup-${suffix}.db`);
  const temporary = `${file}.${suffix}.new`;
  try {
    const { snapshotDatabase } = await import('../../store/snapshot.ts');
    const { schema } = snapshotDatabase(context.home.file(DATABASE), snapshot);
    const archive = new Archive(temporary, context.signal);
    try {
      await archive.add('home.json', context.home.file('home.json'));
      await archive.add(DATABASE, snapshot);
      for (const folder of FOLDERS) {
        for (const name of filesBelow(context.home.file(folder))) {
          await archive.add(`${folder}/${name}`, context.home.file(folder, name));
        }
      }
      archive.finish(await manifestOf(context, archive, schema));
    } finally {
      archive.close();
    }
    const createdAt = new Date(context.clock.now()).toISOString();
    const result = { file, bytes: archive.bytes, files: archive.files.length, createdAt };
    await context.write(async () => {
      renameSync(temporary, file);
      return [undefined, { object: 'home', result: 'done', details: { files: result.files, bytes: result.bytes } }];
    });
    return result;
  } catch (error) {
    if (isSystemError(error, 'ENOSPC'))
      throw new PhonectlError('disk_full', `There is no space left for ${file}.`, { cause: error });
    if (isSystemError(error, 'ENOENT', 'EACCES', 'EROFS', 'ENOTDIR')) {
      throw new PhonectlError('invalid_input', `${file} cannot be written: ${error.message}.`, { cause: error });
    }
    throw error;
  } finally {
    rmSync(snapshot, { force: true });
    rmSync(temporary, { force: true });
  }
}

const SNAPSHOT = /^backup-[0-9a-f]{12}\.db$/;
const HOUR = 3_600_000;

/** Snapshots that killed backups have left; a younger one may be another backup's at this moment. */
function removeAbandoned({ home, clock }: OperationContext): void {
  const { mkdirSync, readdirSync, rmSync, statSync } = process.getBuiltinModule('node:fs');
  mkdirSync(home.file('run'), { recursive: true, mode: 0o700 });
  for (const name of readdirSync(home.file('run'))) {
    if (!SNAPSHOT.test(name)) continue;
    const path = home.file('run', name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined && clock.now() - stat.mtimeMs > HOUR) rmSync(path, { force: true });
  }
}

async function manifestOf(context: OperationContext, archive: Archive, schema: number): Promise<Manifest> {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { id } = JSON.parse(readFileSync(context.home.file('home.json'), 'utf8')) as { id: string };
  return {
    format: 1,
    home: id,
    company: (await context.read.settings.get<string>('company')) ?? '',
    schema,
    createdAt: new Date(context.clock.now()).toISOString(),
    keyCheck: context.secrets.fingerprint(KEY_CHECK),
    files: archive.files,
  };
}

/** Relative paths of all files below a folder, sorted; what begins with a dot is half-written and left out. */
function filesBelow(folder: string): readonly string[] {
  const { readdirSync } = process.getBuiltinModule('node:fs');
  const { join, relative, sep } = process.getBuiltinModule('node:path');
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}

const PIECE = 1 << 20;

class Archive {
  readonly files: { name: string; size: number; sha256: string }[] = [];
  readonly #out: number;
  readonly #signal: AbortSignal;
  bytes = 0;

  constructor(path: string, signal: AbortSignal) {
    this.#out = process.getBuiltinModule('node:fs').openSync(path, 'wx', 0o600);
    this.#signal = signal;
  }

  /** Adds a file as long as it is now; one that has gone meanwhile (a log that was rotated) is left out. */
  async add(name: string, path: string): Promise<void> {
    const { openSync, closeSync, fstatSync, readSync } = process.getBuiltinModule('node:fs');
    const { createHash } = process.getBuiltinModule('node:crypto');
    let input: number;
    try {
      input = openSync(path, 'r');
    } catch (error) {
      if (isSystemError(error, 'ENOENT') && name.startsWith('uploads/')) return;
      throw error;
    }
    try {
      const { size, mtimeMs } = fstatSync(input);
      const hash = createHash('sha256');
      this.#write(tarHeader({ name, size }, mtimeMs));
      const buffer = Buffer.alloc(Math.min(PIECE, size));
      for (let done = 0; done < size; ) {
        this.#signal.throwIfAborted();
        const length = readSync(input, buffer, 0, Math.min(buffer.length, size - done), done);
        if (length === 0) throw new PhonectlError('conflict', `${path} became shorter while it was read. Try again.`);
        const piece = buffer.subarray(0, length);
        hash.update(piece);
        this.#write(piece);
        done += length;
        // Others of this process get their turn between two pieces.
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      this.#write(tarPadding(size));
      this.files.push({ name, size, sha256: hash.digest('hex') });
    } finally {
      closeSync(input);
    }
  }

  finish(manifest: Manifest): void {
    const text = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
    this.#write(tarHeader({ name: MANIFEST, size: text.length }, Date.parse(manifest.createdAt)));
    this.#write(text);
    this.#write(tarPadding(text.length));
    this.#write(TAR_END);
    process.getBuiltinModule('node:fs').fsyncSync(this.#out);
  }

  close(): void {
    process.getBuiltinModule('node:fs').closeSync(this.#out);
  }

  #write(bytes: Buffer): void {
    const { writeSync } = process.getBuiltinModule('node:fs');
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#out, bytes, done);
    this.bytes += bytes.length;
  }
}
