/** The user's files and stdin. Loaded lazily: most commands read no file. */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { PhonectlError } from '../sdk/errors.ts';

/** A file's bytes as a stream; `-` is stdin. Throws `invalid_file` or `not_found` before the first byte. */
export async function openInput(path: string): Promise<{ stream: Readable; size: number | undefined; name: string }> {
  if (path === '-') {
    if (process.stdin.isTTY) {
      throw new PhonectlError('usage', 'Nothing is piped into stdin.', { hints: ['Name a file, or pipe one in.'] });
    }
    return { stream: process.stdin, size: undefined, name: 'stdin' };
  }
  const facts = await stat(path).catch((error: unknown) => {
    throw fileError(path, error, 'read');
  });
  if (facts.isDirectory()) throw new PhonectlError('invalid_file', `${path} is a folder, not a file.`);
  return { stream: createReadStream(path), size: facts.isFile() ? facts.size : undefined, name: path };
}

/** All of a small text file or stdin, at most `limit` bytes (1 MiB). */
export async function readText(path: string, limit = 1 << 20): Promise<string> {
  const { stream, name } = await openInput(path);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size > limit) throw new PhonectlError('invalid_file', `${name} is larger than ${limit} bytes.`);
      chunks.push(bytes);
    }
  } catch (error) {
    throw fileError(path, error, 'read');
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Non-empty lines, trimmed. */
export async function readLines(path: string): Promise<string[]> {
  const text = await readText(path, 64 << 20);
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

type Chunks = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/**
 * Writes chunks to `path` through a temporary neighbour that is renamed at the end: a reader never sees half a file, a
 * failure leaves the old one. Created with `mode` (0600 by default: exports hold the fleet). What is no file, such as a
 * pipe or /dev/null, is written into: renamed over, it would be gone for everybody. Returns the bytes written.
 */
export async function writeFileAtomically(path: string, chunks: Chunks, mode = 0o600): Promise<number> {
  try {
    const there = await stat(path).catch(ignoreMissing);
    if (there !== undefined && !there.isFile() && !there.isDirectory()) return await writeInto(path, 'w', chunks);
    return await replaceFile(there === undefined ? path : await realpath(path), chunks, mode);
  } catch (error) {
    throw fileError(path, error, 'written');
  }
}

async function replaceFile(path: string, chunks: Chunks, mode: number): Promise<number> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const size = await writeInto(temporary, 'wx', chunks, mode);
    await rename(temporary, path);
    return size;
  } catch (error) {
    await unlink(temporary).catch(ignoreMissing);
    throw error;
  }
}

async function writeInto(path: string, flags: 'w' | 'wx', chunks: Chunks, mode?: number): Promise<number> {
  const file = await open(path, flags, mode);
  let size = 0;
  try {
    for await (const chunk of chunks) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      await file.writeFile(bytes);
      size += bytes.length;
    }
    if (flags === 'wx') await file.sync();
  } finally {
    await file.close();
  }
  return size;
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}

const FILE_ERRORS = {
  ENOENT: ['not_found', 'it does not exist'],
  EACCES: ['forbidden', 'permission denied'],
  EPERM: ['forbidden', 'not permitted'],
  EISDIR: ['invalid_file', 'it is a folder'],
  ENOTDIR: ['not_found', 'a part of its path is not a folder'],
  ENOSPC: ['disk_full', 'no space left'],
  EROFS: ['forbidden', 'the file system is read-only'],
  ENAMETOOLONG: ['usage', 'the name is too long'],
} as const;

function fileError(path: string, error: unknown, verb: 'read' | 'written'): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  if (!Object.hasOwn(FILE_ERRORS, error.code)) return error;
  const [code, known] = FILE_ERRORS[error.code as keyof typeof FILE_ERRORS];
  const reason = verb === 'written' && error.code === 'ENOENT' ? 'its folder does not exist' : known;
  return new PhonectlError(code, `${path} cannot be ${verb}: ${reason}.`, { details: { path }, cause: error });
}
