/**
 * Files from the content-addressed store: resources, firmware, files of one device. Their bytes are checked against
 * their SHA-256 before the first one is sent (security.md P-06), and however many phones want an image at once, no more
 * than a set bandwidth and number of transfers goes to them (F-28).
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { storedPath } from '../sdk/files/store.ts';
import type { Home } from '../sdk/ports/home.ts';
import type { FoundFile, ServedDevice, ServingReader } from '../sdk/ports/serving.ts';
import { FILE_LIMITS, readFileLimits } from '../sdk/settings/file-limits.ts';
import { isSystemError } from '../sdk/system-error.ts';
import { end } from './answers.ts';
import { Bandwidth } from './bandwidth.ts';
import { answerFor, type FileFacts } from './file-response.ts';
import { contentTypeOf } from './tree.ts';

/** Pieces in which files are read and sent, in bytes: short turns on the event loop, so that configurations pass by. */
const PIECE = 128 * 1024;
/** Smaller files are as quick as a configuration, and not limited. */
const SMALL = 64 * 1024;
/** A phone that finds all transfers taken comes back after 30 to 90 seconds. */
const RETRY_AFTER = { least: 30, spread: 60 };
/** The limits are read again after this time (milliseconds). */
const LIMITS_FOR = 2_000;

export interface StoredFilesOptions {
  readonly home: Home;
  readonly reader: ServingReader;
  readonly monotonic: () => number;
  /** An alarm: a file on our disk is not what was put in. */
  readonly onTrouble: (message: string) => void;
}

interface Checked {
  readonly ino: number;
  readonly mtimeMs: number;
  readonly size: number;
  readonly intact: Promise<boolean>;
}

export class StoredFiles {
  readonly #options: StoredFilesOptions;
  readonly #bandwidth: Bandwidth;
  readonly #checked = new Map<string, Checked>();
  #transfers = 0;
  #most: number = FILE_LIMITS.transfers;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(options: StoredFilesOptions) {
    this.#options = options;
    this.#bandwidth = new Bandwidth(FILE_LIMITS.bytesPerSecond, options.monotonic);
  }

  /** Transfers that are under way. */
  get transfers(): number {
    return this.#transfers;
  }

  /**
   * Answers with the file that the device means, if there is one: its own, one for all, firmware. `until` is where what
   * was sent of it ends; 0 when nothing was.
   */
  async send(
    request: IncomingMessage,
    response: ServerResponse,
    device: ServedDevice,
    name: string,
  ): Promise<{ readonly file: FoundFile; readonly until: number } | undefined> {
    const found = await this.#options.reader.storedFile(device.id, ...namesOf(device, name));
    if (found === undefined) return undefined;
    await this.#readLimits();
    const large = found.size > SMALL && request.method === 'GET';
    if (large && this.#transfers >= this.#most) {
      end(request, response, 503, {
        'retry-after': RETRY_AFTER.least + Math.floor(Math.random() * RETRY_AFTER.spread),
      });
      return { file: found, until: 0 };
    }
    if (large) this.#transfers += 1;
    try {
      return { file: found, until: await this.#sendFound(request, response, found, large) };
    } finally {
      if (large) this.#transfers -= 1;
    }
  }

  async #sendFound(
    request: IncomingMessage,
    response: ServerResponse,
    found: FoundFile,
    large: boolean,
  ): Promise<number> {
    const handle = await this.#openIntact(found);
    if (handle === undefined) {
      end(request, response, 503, { 'retry-after': RETRY_AFTER.least });
      return 0;
    }
    try {
      const answer = answerFor(request, factsOf(found));
      response.writeHead(answer.status, answer.headers);
      if (request.method !== 'HEAD' && 'start' in answer)
        return await this.#pour(handle, response, answer.start, answer.end, large);
      response.end();
      return 0;
    } finally {
      await handle.close();
    }
  }

  /** The open file, whole and as it was put in; `undefined`, and an alarm, when it is not. */
  async #openIntact(found: FoundFile): Promise<FileHandle | undefined> {
    let handle: FileHandle;
    try {
      handle = await open(storedPath(this.#options.home, found.sha256), 'r');
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
      this.#alarm(found, 'is not there any more');
      return undefined;
    }
    try {
      if (await this.#isIntact(handle, found)) return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return undefined;
  }

  /** Reads all of it once; again when the file on the disk is another one since. */
  async #isIntact(handle: FileHandle, found: FoundFile): Promise<boolean> {
    const { ino, mtimeMs, size } = await handle.stat();
    const known = this.#checked.get(found.sha256);
    if (known?.ino === ino && known.mtimeMs === mtimeMs && known.size === size) return known.intact;
    const intact = hashOf(handle, size).then((sha256) => {
      if (sha256 !== found.sha256) this.#alarm(found, 'was changed on the disk');
      return sha256 === found.sha256;
    });
    this.#checked.set(found.sha256, { ino, mtimeMs, size, intact });
    try {
      return await intact;
    } catch (error) {
      this.#checked.delete(found.sha256);
      throw error;
    }
  }

  async #pour(
    handle: FileHandle,
    response: ServerResponse,
    start: number,
    until: number,
    large: boolean,
  ): Promise<number> {
    for (let at = start; at < until; ) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE, until - at));
      const { bytesRead } = await handle.read(piece, 0, piece.length, at);
      if (bytesRead === 0) throw new Error('A stored file became shorter while it was sent.');
      if (large) await this.#bandwidth.take(bytesRead);
      if (!(await written(response, piece.subarray(0, bytesRead)))) return at;
      at += bytesRead;
    }
    response.end();
    return until;
  }

  async #readLimits(): Promise<void> {
    const { monotonic, reader } = this.#options;
    if (monotonic() - this.#readAt < LIMITS_FOR) return;
    this.#readAt = monotonic();
    const { bytesPerSecond, transfers } = readFileLimits(await reader.setting('provisioning.files'));
    this.#bandwidth.rate = bytesPerSecond;
    this.#most = transfers;
  }

  #alarm({ name, sha256 }: FoundFile, what: string): void {
    this.#options.onTrouble(`The file ${name} (${sha256.slice(0, 12)}) ${what}: phones get 503 instead.`);
  }
}

/** The name itself without the folders that phones put in front, and what all phones get that have none of their own. */
function namesOf({ mac }: ServedDevice, path: string): [path: string, name: string, common: string | null] {
  const whole = path.toLowerCase();
  const name = whole.slice(whole.lastIndexOf('/') + 1);
  // DFILE-03: `<mac>-x`, else `000000000000-x`.
  const own = mac !== null && name.startsWith(`${mac}-`);
  return [whole, name, own ? `000000000000${name.slice(mac.length)}` : null];
}

function factsOf({ name, size, sha256, modified }: FoundFile): FileFacts {
  return { size, contentType: contentTypeOf(name), etag: `"${sha256.slice(0, 32)}"`, modified };
}

async function hashOf(handle: FileHandle, size: number): Promise<string> {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(PIECE);
  for (let at = 0; at < size; ) {
    const { bytesRead } = await handle.read(piece, 0, piece.length, at);
    if (bytesRead === 0) break;
    hash.update(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash.digest('hex');
}

/** False when the phone has hung up. */
function written(response: ServerResponse, piece: Uint8Array): Promise<boolean> | boolean {
  if (response.destroyed) return false;
  if (response.write(piece)) return true;
  return new Promise((resolve) => {
    const done = (open: boolean): void => {
      response.off('drain', onDrain);
      response.off('close', onClose);
      resolve(open);
    };
    const onDrain = (): void => done(true);
    const onClose = (): void => done(false);
    response.once('drain', onDrain);
    response.once('close', onClose);
  });
}
