/**
 * A fleet folder and its way to the fleet: the same files on a disk, in memory, or as one stream of JSON lines, since the
 * fleet may be on a server elsewhere.
 *
 * ```
 * fleet.yaml         format, company, settings
 * sites.csv groups.csv accounts.csv devices.csv     as the exports and imports of the same names
 * profiles/*.yaml    one profile each
 * assignments.yaml   which profiles where, the highest first
 * ```
 */
import { PhonectlError } from '../errors.ts';
import { isSystemError } from '../system-error.ts';
import type { GivenSecrets } from './secrets.ts';

export const HEAD = 'fleet.yaml';
export const ASSIGNMENTS = 'assignments.yaml';
export const TABLES = ['sites.csv', 'groups.csv', 'accounts.csv', 'devices.csv'] as const;
export type TableName = (typeof TABLES)[number];

/** A piece of a file; the pieces of one file follow each other. */
export interface FolderPart {
  readonly file: string;
  readonly text: string;
}

/** One line of the stream. Secrets come first. */
export type FolderLine = FolderPart | { readonly secrets: GivenSecrets };

export interface Folder {
  /** Relative, with forward slashes, sorted. */
  readonly names: readonly string[];
  open(name: string): AsyncIterable<Uint8Array>;
}

/** Whether a file of this name belongs to a fleet folder. No such name leads out of the folder. */
export function isFleetFile(name: string): boolean {
  if (name === HEAD || name === ASSIGNMENTS || (TABLES as readonly string[]).includes(name)) return true;
  return isProfileFile(name);
}

export function isProfileFile(name: string): boolean {
  return /^profiles\/[^/\\\0]+\.yaml$/.test(name);
}

/** Opens a folder on this machine's disk. Throws `not_found`, `invalid_file` when it is no fleet folder. */
export function openFolder(path: string): Folder {
  const { createReadStream, existsSync, readdirSync } = process.getBuiltinModule('node:fs');
  const { join } = process.getBuiltinModule('node:path');
  const list = (folder: string): string[] => {
    try {
      return readdirSync(folder);
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
      throw error;
    }
  };
  if (!existsSync(path)) throw new PhonectlError('not_found', `There is no folder ${path}.`);
  const names = [...list(path), ...list(join(path, 'profiles')).map((name) => `profiles/${name}`)]
    .filter(isFleetFile)
    .sort();
  if (!names.includes(HEAD)) {
    throw new PhonectlError('invalid_file', `${path} is no fleet folder: it has no ${HEAD}.`, {
      hints: ['Make one from a fleet that there is: phonectl fleet export DIR'],
    });
  }
  return { names, open: (name) => createReadStream(join(path, ...name.split('/'))) };
}

/** A folder as bytes: what `fleet plan` and `fleet apply` take. */
export async function* packFolder(folder: Folder, secrets: GivenSecrets): AsyncGenerator<Uint8Array> {
  yield line({ secrets });
  for (const file of folder.names) {
    for await (const text of textOf(folder, file)) yield line({ file, text });
  }
}

function line(content: FolderLine): Uint8Array {
  return Buffer.from(`${JSON.stringify(content)}\n`);
}

/** The file's text in pieces; at least one, so that an empty file is there too. Throws `invalid_file`. */
export async function* textOf(folder: Folder, file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of folder.open(file)) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new PhonectlError('invalid_file', `${file} is not UTF-8.`, { details: { file }, cause: error });
  }
}

export interface Unpacked {
  readonly folder: Folder;
  readonly secrets: GivenSecrets;
}

/** Longest line of the stream, in bytes: a piece of a file, or all secrets of a fleet. */
const LONGEST_LINE = 512 << 20;

/** Writes the files of a stream into an empty folder of ours. The secrets stay in memory. Throws `invalid_file`. */
export async function unpackFolder(source: AsyncIterable<Uint8Array>, into: string): Promise<Unpacked> {
  const { closeSync, mkdirSync, openSync, writeSync } = process.getBuiltinModule('node:fs');
  const { join } = process.getBuiltinModule('node:path');
  mkdirSync(join(into, 'profiles'), { recursive: true, mode: 0o700 });
  let secrets: GivenSecrets = { sealed: {}, resolved: {} };
  let open: { readonly file: string; readonly descriptor: number } | undefined;
  try {
    for await (const content of lines(source)) {
      if ('secrets' in content) {
        secrets = content.secrets;
        continue;
      }
      if (open?.file !== content.file) {
        if (!isFleetFile(content.file)) throw noStream(`it holds ${content.file}`);
        if (open !== undefined) closeSync(open.descriptor);
        open = undefined;
        open = { file: content.file, descriptor: openSync(join(into, ...content.file.split('/')), 'w', 0o600) };
      }
      writeSync(open.descriptor, content.text);
    }
  } finally {
    if (open !== undefined) closeSync(open.descriptor);
  }
  return { folder: openFolder(into), secrets };
}

async function* lines(source: AsyncIterable<Uint8Array>): AsyncGenerator<FolderLine> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield parseLine(Buffer.concat([...held, rest.subarray(0, end)]));
      held = [];
      size = 0;
      rest = rest.subarray(end + 1);
    }
    size += rest.length;
    if (size > LONGEST_LINE) throw noStream('a line is too long');
    if (rest.length > 0) held.push(rest);
  }
  if (held.length > 0) throw noStream('it ends in the middle');
}

function parseLine(bytes: Buffer): FolderLine {
  let content: unknown;
  try {
    content = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw noStream('a line is not JSON', error);
  }
  const { file, text, secrets } = Object(content) as { file?: unknown; text?: unknown; secrets?: unknown };
  if (typeof file === 'string' && typeof text === 'string') return { file, text };
  const { sealed, resolved } = Object(secrets) as Partial<Record<'sealed' | 'resolved', unknown>>;
  if (isTexts(sealed) && isTexts(resolved)) return { secrets: { sealed, resolved } };
  throw noStream('a line is neither a piece of a file nor secrets');
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
}

function noStream(why: string, cause?: unknown): PhonectlError {
  return new PhonectlError('invalid_file', `This is no fleet folder as phonectl sends one: ${why}.`, { cause });
}
