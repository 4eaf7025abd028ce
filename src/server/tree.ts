/**
 * `--tree DIR`: a plain folder under the rendered files, for languages, ring tones, pictures, firmware. Only regular
 * files that really lie inside it are given out; links that lead elsewhere and hidden names are not there.
 */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isSystemError } from '../sdk/system-error.ts';
import type { FileFacts } from './file-response.ts';

export interface TreeFile {
  readonly handle: FileHandle;
  readonly facts: FileFacts;
}

const TYPES: Readonly<Record<string, string>> = {
  cfg: 'text/plain; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  xml: 'text/xml; charset=utf-8',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  bmp: 'image/bmp',
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
};

const NOT_THERE = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG', 'ENXIO'];

export class Tree {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  /** Throws the system error when the folder is not there. */
  static async open(folder: string): Promise<Tree> {
    return new Tree(await realpath(folder));
  }

  /** The file of a name that `parseTarget` passed; the caller closes it. */
  async find(name: string): Promise<TreeFile | undefined> {
    if (name === '' || name.split('/').some((segment) => segment.startsWith('.'))) return undefined;
    return (await this.#openInside(name)) ?? (await this.#anyCase(name));
  }

  async #openInside(name: string): Promise<TreeFile | undefined> {
    let handle: FileHandle | undefined;
    try {
      const path = await realpath(join(this.#root, ...name.split('/')));
      if (!path.startsWith(`${this.#root}${sep}`)) return undefined;
      // The last name must not have become a link, or a pipe that never answers, since it was looked at.
      handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const stats = await handle.stat();
      if (!stats.isFile()) {
        await handle.close();
        return undefined;
      }
      return { handle, facts: factsOf(name, stats) };
    } catch (error) {
      await handle?.close();
      if (isSystemError(error, ...NOT_THERE)) return undefined;
      throw error;
    }
  }

  /** Phones ask for `SIP.LD` and `sip.ld` alike. */
  async #anyCase(name: string): Promise<TreeFile | undefined> {
    const real: string[] = [];
    for (const segment of name.split('/')) {
      const entries = await this.#entries(real);
      const entry = entries.find((candidate) => candidate.toLowerCase() === segment.toLowerCase());
      if (entry === undefined || entry.startsWith('.')) return undefined;
      real.push(entry);
    }
    const found = real.join('/');
    return found === name ? undefined : this.#openInside(found);
  }

  async #entries(segments: readonly string[]): Promise<readonly string[]> {
    try {
      const path = await realpath(join(this.#root, ...segments));
      return path === this.#root || path.startsWith(`${this.#root}${sep}`) ? await readdir(path) : [];
    } catch (error) {
      if (isSystemError(error, ...NOT_THERE)) return [];
      throw error;
    }
  }
}

function factsOf(name: string, { size, mtimeMs, ino }: Stats): FileFacts {
  return {
    size,
    contentType: contentTypeOf(name),
    etag: `"${ino.toString(36)}-${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`,
    modified: mtimeMs,
  };
}

/** By the ending of the name. */
export function contentTypeOf(name: string): string {
  return TYPES[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';
}
