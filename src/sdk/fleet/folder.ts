/**
 * A fleet folder and its way to the fleet: the same files on a disk, in memory, or as one stream of JSON lines, since the
 * fleet may be on a server elsewhere.
 *
 * ```
 * fleet.yaml         format, company, settings
 * models/*.yaml      the fleet's own model files; approvals.yaml: which models may be added
 * sites.csv groups.csv accounts.csv devices.csv     as the exports and imports of the same names
 * resources.yaml     files for phones; their bytes under resources/
 * firmware.yaml      images by name and SHA-256; their bytes, on demand, under firmware/
 * profiles/*.yaml    one profile each
 * assignments.yaml   which profiles where, the highest first
 * pushed.yaml        what phones were given of manual assignments
 * given.yaml         what tasks gave to single phones: firmware, resources
 * mac-files/*.yaml   the MAC file of one device each
 * device-files/KEY/DIRECTORY/NAME     what people put there for one device
 * ```
 */
import { PhonectlError } from '../errors.ts';
import { isSystemError } from '../system-error.ts';
import type { GivenSecrets } from './secrets.ts';

export const HEAD = 'fleet.yaml';
export const ASSIGNMENTS = 'assignments.yaml';
export const APPROVALS = 'approvals.yaml';
export const RESOURCES = 'resources.yaml';
export const FIRMWARE = 'firmware.yaml';
export const PUSHED = 'pushed.yaml';
export const GIVEN = 'given.yaml';
export const TABLES = ['sites.csv', 'groups.csv', 'accounts.csv', 'devices.csv'] as const;
export type TableName = (typeof TABLES)[number];

/** A piece of a file; the pieces of one file follow each other. What is no text comes as Base64. */
export type FolderPart = { readonly file: string } & ({ readonly text: string } | { readonly base64: string });

/** One line of the stream. Secrets come first. */
export type FolderLine = FolderPart | { readonly secrets: GivenSecrets };

export interface Folder {
  /** Relative, with forward slashes, sorted. */
  readonly names: readonly string[];
  open(name: string): AsyncIterable<Uint8Array>;
}

/** Rooms of the folder: how deep below them files lie, and whether these are anything but text. */
const ROOMS: Readonly<Record<string, { readonly depth: number; readonly bytes: boolean }>> = {
  profiles: { depth: 1, bytes: false },
  models: { depth: 1, bytes: false },
  'mac-files': { depth: 1, bytes: false },
  resources: { depth: 1, bytes: true },
  firmware: { depth: 2, bytes: true },
  'device-files': { depth: 3, bytes: true },
};

const FILES: ReadonlySet<string> = new Set([
  HEAD,
  ASSIGNMENTS,
  APPROVALS,
  RESOURCES,
  FIRMWARE,
  PUSHED,
  GIVEN,
  ...TABLES,
]);

/** Whether a file of this name belongs to a fleet folder. No such name leads out of the folder. */
export function isFleetFile(name: string): boolean {
  if (FILES.has(name)) return true;
  const [top = '', ...below] = name.split('/');
  const room = Object.hasOwn(ROOMS, top) ? ROOMS[top] : undefined;
  if (room === undefined || below.length !== room.depth) return false;
  // A profile's name is in any script; the other names are ours.
  if (top === 'profiles') return /^[^/\\\0]+\.yaml$/.test(below[0] ?? '');
  if (!room.bytes && !name.endsWith('.yaml')) return false;
  return below.every((part) => /^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,127}$/.test(part) && !part.includes('..'));
}

/** Whether the file belongs to one of the rooms, such as `profiles`. */
export function isIn(room: keyof typeof ROOMS, name: string): boolean {
  return name.startsWith(`${room}/`) && isFleetFile(name);
}

/** Whether it is carried as bytes. */
function isBytes(name: string): boolean {
  const top = name.slice(0, name.indexOf('/'));
  return Object.hasOwn(ROOMS, top) && ROOMS[top]?.bytes === true;
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
  const within = (name: string, depth: number): string[] =>
    list(join(path, name)).flatMap((entry) =>
      depth === 1 ? [`${name}/${entry}`] : within(`${name}/${entry}`, depth - 1),
    );
  if (!existsSync(path)) throw new PhonectlError('not_found', `There is no folder ${path}.`);
  const rooms = Object.entries(ROOMS).flatMap(([name, { depth }]) => within(name, depth));
  const names = [...list(path), ...rooms].filter(isFleetFile).sort();
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
    if (isBytes(file)) for await (const part of partsOf(file, folder.open(file))) yield line(part);
    else for await (const text of textOf(folder, file)) yield line({ file, text });
  }
}

/** The bytes as parts. */
export async function* partsOf(file: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<FolderPart> {
  for await (const chunk of bytes) yield { file, base64: Buffer.from(chunk).toString('base64') };
}

function line(content: FolderLine): Uint8Array {
  return Buffer.from(`${JSON.stringify(content)}\n`);
}

/** All of a file's text. Throws `invalid_file`. */
export async function readText(folder: Folder, file: string): Promise<string> {
  return (await Array.fromAsync(textOf(folder, file))).join('');
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
  const { dirname, join } = process.getBuiltinModule('node:path');
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
        const path = join(into, ...content.file.split('/'));
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        open = { file: content.file, descriptor: openSync(path, 'w', 0o600) };
      }
      const bytes = 'text' in content ? Buffer.from(content.text) : Buffer.from(content.base64, 'base64');
      for (let done = 0; done < bytes.length; ) done += writeSync(open.descriptor, bytes, done);
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
  const { file, text, base64, secrets } = Object(content) as Readonly<Record<string, unknown>>;
  if (typeof file === 'string' && typeof text === 'string') return { file, text };
  if (typeof file === 'string' && typeof base64 === 'string') return { file, base64 };
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
