/**
 * Files by their content: `<home>/files/ab/abcd…`. A name that somebody gives is never a path on our disk (security.md
 * W-07), and what is given out is what was put in (P-06).
 */
import type { Bytes } from '../bytes.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { StoredFile } from '../ports/files.ts';
import type { Home } from '../ports/home.ts';
import type { Repositories } from '../ports/store.ts';
import { isSystemError } from '../system-error.ts';

const FOLDER = 'files';
/** The largest file that is taken, in bytes, where no smaller limit is asked for: twice the largest known image. */
const LARGEST = 2 * 1024 ** 3;

/** Where the bytes of a hash lie. */
export function storedPath(home: Home, sha256: string): string {
  return home.file(FOLDER, sha256.slice(0, 2), sha256);
}

/** Takes bytes to the end and keeps them. Throws `too_large`, `invalid_file` for nothing, `disk_full`. */
export async function keepFile(home: Home, source: Bytes, limit = LARGEST): Promise<StoredFile> {
  const { mkdir, open, rename, rm } = process.getBuiltinModule('node:fs/promises');
  const { createHash, randomBytes } = process.getBuiltinModule('node:crypto');
  const { dirname } = process.getBuiltinModule('node:path');
  const temporary = home.file(FOLDER, `new-${randomBytes(8).toString('hex')}`);
  const hash = createHash('sha256');
  let size = 0;
  try {
    await mkdir(home.file(FOLDER), { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'wx', 0o600);
    try {
      for await (const chunk of source) {
        size += chunk.length;
        if (size > limit) throw tooLarge(limit);
        hash.update(chunk);
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (size === 0) throw new PhonectlError('invalid_file', 'The file is empty.');
    const sha256 = hash.digest('hex');
    const path = storedPath(home, sha256);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // The same bytes again take the place of the old ones: should those be damaged, they are whole now.
    await rename(temporary, path);
    return { sha256, size };
  } catch (error) {
    await rm(temporary, { force: true });
    if (isSystemError(error, 'ENOSPC', 'EDQUOT')) {
      throw new PhonectlError('disk_full', 'There is no space left for the file.', { cause: error });
    }
    throw error;
  }
}

function tooLarge(limit: number): PhonectlError {
  return new PhonectlError('too_large', `The file is larger than ${Math.floor(limit / 1024 / 1024)} MB.`, {
    details: { limit },
  });
}

/** The bytes, checked against their hash as they go: a reader of a damaged file gets an error at its end, `damaged`. */
export async function* readStored(home: Home, file: StoredFile): AsyncGenerator<Uint8Array> {
  const { createReadStream } = process.getBuiltinModule('node:fs');
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  try {
    for await (const chunk of createReadStream(storedPath(home, file.sha256)) as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      yield chunk;
    }
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) throw damaged(file.sha256, 'is not there any more');
    throw error;
  }
  if (hash.digest('hex') !== file.sha256) throw damaged(file.sha256, 'was changed on the disk');
}

function damaged(sha256: string, what: string): PhonectlError {
  return new PhonectlError('damaged', `The stored file ${sha256.slice(0, 12)} ${what}.`, {
    hints: ['Put the original in again with the edit command and --file.'],
    details: { sha256 },
  });
}

export type FileCheck = 'ok' | 'missing' | 'changed';

/** Reads the whole file and compares. */
export async function checkStored(home: Home, file: StoredFile): Promise<FileCheck> {
  const { existsSync } = process.getBuiltinModule('node:fs');
  if (!existsSync(storedPath(home, file.sha256))) return 'missing';
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  const { createReadStream } = process.getBuiltinModule('node:fs');
  for await (const chunk of createReadStream(storedPath(home, file.sha256))) hash.update(chunk as Uint8Array);
  return hash.digest('hex') === file.sha256 ? 'ok' : 'changed';
}

/** Removes the bytes that nothing needs any more; called after the transaction that let go of them. */
export async function dropUnused(
  { home, read }: Pick<OperationContext, 'home'> & { readonly read: Repositories },
  hashes: readonly (string | null)[],
): Promise<void> {
  const { rm } = process.getBuiltinModule('node:fs/promises');
  for (const sha256 of new Set(hashes)) {
    if (sha256 === null || (await read.deviceFiles.isUsed(sha256))) continue;
    await rm(storedPath(home, sha256), { force: true });
  }
}
