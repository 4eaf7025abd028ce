/** Fleet folders on this machine: sent to a fleet, written from one, with the secrets that lie beside them. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { PhonectlError } from '../sdk/errors.ts';
import { type Folder, type FolderLine, HEAD, isIn, openFolder, packFolder } from '../sdk/fleet/folder.ts';
import { externalSecrets } from '../sdk/fleet/references.ts';
import { openSecrets, type SealedSecrets, sealSecrets } from '../sdk/fleet/sealed-file.ts';
import { readText, writeFileAtomically } from './streams.ts';

/** All secrets of a large fleet. */
const LARGEST = 256 << 20;

export interface SecretsFile {
  readonly file: string;
  readonly passphrase: string;
}

/** The folder as bytes for the fleet, with every secret that it refers to outside. Throws for a folder that is none. */
export async function sendFolder(path: string, sealed: SecretsFile | undefined): Promise<AsyncIterable<Uint8Array>> {
  const folder = openFolder(path);
  const secrets = {
    sealed: sealed === undefined ? {} : await openSecretsFile(sealed),
    resolved: await resolveExternal(folder, path),
  };
  return packFolder(folder, secrets);
}

async function openSecretsFile({ file, passphrase }: SecretsFile): Promise<SealedSecrets> {
  return openSecrets(await readText(file, LARGEST), passphrase, file);
}

/** What is not there is left out: the fleet says at which place it is missing. */
async function resolveExternal(folder: Folder, path: string): Promise<Readonly<Record<string, string>>> {
  const resolved: Record<string, string> = {};
  for (const reference of await externalSecrets(folder)) {
    const name = reference.slice(reference.indexOf(':') + 1);
    const value = reference.startsWith('env:') ? process.env[name] : await secretFile(resolve(path, name));
    if (value !== undefined) resolved[reference] = value;
  }
  return resolved;
}

/** Without the line break at its end, as secrets from files are everywhere. */
async function secretFile(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export interface ReceivedFolder {
  /** Names of the files, in the order in which they came. */
  readonly files: readonly string[];
  readonly removed: readonly string[];
  /** How many there are in the secrets file; null when none was written. */
  readonly secrets: number | null;
}

/**
 * Writes an export into a folder: each file is replaced as a whole, and files of what the fleet does not have any more
 * go. Throws `conflict` for a folder that holds anything else.
 */
export async function receiveFolder(
  lines: AsyncIterable<FolderLine>,
  path: string,
  sealed: SecretsFile | undefined,
): Promise<ReceivedFolder> {
  await requireFleetFolder(path);
  const incoming = new Incoming(lines);
  for (let file = await incoming.nextFile(); file !== undefined; file = await incoming.nextFile()) {
    const target = join(path, ...file.split('/'));
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFileAtomically(target, incoming.pieces());
  }
  const { files, secrets } = incoming;
  if (sealed !== undefined) await writeFileAtomically(sealed.file, [sealSecrets(secrets ?? {}, sealed.passphrase)]);
  const removed = await removeOthers(path, new Set(files));
  return { files, removed, secrets: sealed === undefined ? null : Object.keys(secrets ?? {}).length };
}

/** Pieces of files as they come, file by file. */
class Incoming {
  readonly files: string[] = [];
  secrets: SealedSecrets | undefined;
  readonly #lines: AsyncIterator<FolderLine>;
  #held: Exclude<FolderLine, { secrets: unknown }> | undefined;

  constructor(lines: AsyncIterable<FolderLine>) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async nextFile(): Promise<string | undefined> {
    this.#held ??= await this.#next();
    if (this.#held !== undefined) this.files.push(this.#held.file);
    return this.#held?.file;
  }

  /** The pieces of the file that was named last. */
  async *pieces(): AsyncGenerator<string | Uint8Array> {
    const file = this.files.at(-1);
    while (this.#held?.file === file && this.#held !== undefined) {
      yield 'text' in this.#held ? this.#held.text : Buffer.from(this.#held.base64, 'base64');
      this.#held = await this.#next();
    }
  }

  async #next(): Promise<Exclude<FolderLine, { secrets: unknown }> | undefined> {
    for (;;) {
      const { done, value } = await this.#lines.next();
      if (done) return undefined;
      if (!('secrets' in value)) return value;
      this.secrets = value.secrets.sealed;
    }
  }
}

async function requireFleetFolder(path: string): Promise<void> {
  const names = (await list(path)).filter((name) => !name.startsWith('.'));
  if (names.length === 0 || names.includes(HEAD)) return;
  throw new PhonectlError('conflict', `${path} holds other things and no ${HEAD}.`, {
    hints: ['Name a new folder, or one that an export was written to before.'],
  });
}

async function removeOthers(path: string, files: ReadonlySet<string>): Promise<readonly string[]> {
  // The bytes of firmware come on demand only; those of an earlier export stay.
  const removed = openFolder(path).names.filter((name) => !files.has(name) && !isIn('firmware', name));
  for (const name of removed) await rm(join(path, name));
  return removed;
}

async function list(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
