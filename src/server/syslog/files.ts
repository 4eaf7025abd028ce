/** Where received messages lie: a file per device and day (UTC), under `<home>/logs`; what is older goes. */
import { appendFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../sdk/system-error.ts';

/** DIAG-10. */
export const KEPT_DAYS = 7;
/** Bytes that one device may fill on one day; what comes after is counted, not kept. */
const MOST_PER_DAY = 20_000_000;
const DAY = 86_400_000;

/** Folder name for what no device could be found for. */
export const UNKNOWN = 'unknown';

export class SyslogFiles {
  readonly #folder: string;
  /** Lines that wait to be written, by file. */
  readonly #waiting = new Map<string, string[]>();
  readonly #sizes = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Notes a line; false when the device has had its share of the day. */
  add(owner: string, at: number, line: string): boolean {
    const path = join(owner, `${new Date(at).toISOString().slice(0, 10)}.log`);
    const size = (this.#sizes.get(path) ?? 0) + Buffer.byteLength(line) + 1;
    if (size > MOST_PER_DAY) return false;
    this.#sizes.set(path, size);
    const lines = this.#waiting.get(path);
    if (lines === undefined) this.#waiting.set(path, [line]);
    else lines.push(line);
    return true;
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    const batches = [...this.#waiting];
    this.#waiting.clear();
    for (const [path, lines] of batches) {
      const file = join(this.#folder, path);
      await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
      await appendFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
      // What was there before this process began counts as well.
      this.#sizes.set(path, (await stat(file)).size);
    }
  }

  /** Removes the files of days that are no longer kept. */
  async prune(now: number): Promise<void> {
    const oldest = new Date(now - KEPT_DAYS * DAY).toISOString().slice(0, 10);
    for (const path of this.#sizes.keys()) if (path.slice(-14, -4) < oldest) this.#sizes.delete(path);
    for (const owner of await entries(this.#folder)) {
      for (const name of await entries(join(this.#folder, owner))) {
        if (/^\d{4}-\d\d-\d\d\.log$/.test(name) && name.slice(0, 10) < oldest) {
          await rm(join(this.#folder, owner, name), { force: true });
        }
      }
    }
  }
}

async function entries(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}
