/**
 * What phones send: logs, overrides, contacts, call lists, captures, recordings. Stored below the device's own folder
 * under names that are known beforehand, with limits, and never served again or read as configuration (security.md
 * decision 7).
 */
import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { FactWriter } from '../sdk/ports/facts.ts';
import type { ServedDevice, ServingReader } from '../sdk/ports/serving.ts';
import { isSystemError } from '../sdk/system-error.ts';
import { boundaryOf, filePart } from './multipart.ts';

/** Bytes. */
const MOST_PER_FILE = 16 * 1024 * 1024;
const MOST_PER_DEVICE = 64 * 1024 * 1024;
/** Uploads stop before the store has no room left. */
const LEAST_FREE = 256 * 1024 * 1024;
/** A body that brings less than this in ten seconds (milliseconds, bytes) is given up. */
const SLICE = 10_000;
const LEAST_PER_SLICE = 1_024;

export interface UploadAnswer {
  readonly status: 200 | 201 | 204 | 400 | 408 | 413 | 415 | 416 | 507;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface UploadOptions {
  /** `<home>/uploads`. */
  readonly folder: string;
  readonly reader: ServingReader;
  readonly writer: FactWriter;
  readonly now: () => number;
}

export class Uploads {
  readonly #options: UploadOptions;
  /** One write to a file at a time; the name stays while somebody writes. */
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  /** Size of what was uploaded under this name: phones ask before they append. */
  async sizeOf(device: ServedDevice, name: string): Promise<number | undefined> {
    try {
      return (await stat(this.#path(device, name))).size;
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /**
   * Takes the body of a PUT or POST, or the file in the form that it is. `name` is one of the device's own upload names,
   * in lower case.
   */
  async receive(request: IncomingMessage, device: ServedDevice, name: string): Promise<UploadAnswer> {
    const path = this.#path(device, name);
    const before = this.#busy.get(path) ?? Promise.resolve();
    const turn = before.then(
      () => this.#receive(request, device, name, path),
      () => this.#receive(request, device, name, path),
    );
    this.#busy.set(path, turn);
    try {
      return await turn;
    } finally {
      if (this.#busy.get(path) === turn) this.#busy.delete(path);
    }
  }

  #path(device: ServedDevice, name: string): string {
    // The name comes from the driver's list, so it is short and plain; a directory in it becomes part of the file name.
    return join(this.#options.folder, String(device.id), encodeURIComponent(name));
  }

  async #receive(request: IncomingMessage, device: ServedDevice, name: string, path: string): Promise<UploadAnswer> {
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') return { status: 415 };
    const declared = Number(request.headers['content-length'] ?? 0);
    const size = (await this.sizeOf(device, name)) ?? 0;
    const range = readContentRange(request.headers['content-range']);
    if (range === 'malformed') return { status: 400 };
    const start = range?.start ?? 0;
    if (start > 0 && start !== size) return { status: 416, headers: { 'content-range': `bytes */${size}` } };
    const room = await this.#room(device, name);
    if (start + declared > MOST_PER_FILE) return { status: 413 };
    if (start + declared > room) return { status: 507 };
    await mkdir(join(this.#options.folder, String(device.id)), { recursive: true, mode: 0o700 });
    if (start === 0 && size > 0 && kindOf(name) === 'log') await this.#setAside(device, name, path, size);
    try {
      const most = Math.min(MOST_PER_FILE, room) - start;
      const stored = start > 0 ? await append(request, path, start, most) : await replace(request, path, most);
      if (stored === 'empty') return { status: 400 };
      if (typeof stored === 'string') return { status: stored === 'slow' ? 408 : room < MOST_PER_FILE ? 507 : 413 };
      await this.#record(device, name, path, stored);
      return { status: start > 0 || size > 0 ? 200 : 201 };
    } catch (error) {
      if (isSystemError(error, 'ENOSPC', 'EDQUOT')) return { status: 507 };
      throw error;
    }
  }

  /** Bytes that the device may still fill with this file. */
  async #room(device: ServedDevice, name: string): Promise<number> {
    const others = (await this.#options.reader.uploads(device.id)).filter((upload) => upload.name !== name);
    if (CRASHES.test(name) && others.filter((other) => CRASHES.test(other.name)).length >= MOST_CRASHES) return 0;
    const used = others.reduce((sum, { size }) => sum + size, 0);
    const { bavail, bsize } = await statfs(this.#options.folder);
    return Math.max(0, Math.min(MOST_PER_DEVICE - used, bavail * bsize - LEAST_FREE));
  }

  /** LOG-07: yesterday's log stays beside today's, under its day, until it is too old. */
  async #setAside(device: ServedDevice, name: string, path: string, size: number): Promise<void> {
    const { mtimeMs } = await stat(path);
    const day = new Date(mtimeMs).toISOString().slice(0, 10);
    if (day === new Date(this.#options.now()).toISOString().slice(0, 10)) return;
    const aside = `${path}.${day}`;
    await rename(path, aside);
    await this.#options.writer.recordUpload({
      deviceId: device.id,
      kind: 'log',
      name: `${name}.${day}`,
      size,
      sha256: null,
      path: aside.slice(this.#options.folder.length + 1),
      receivedAt: mtimeMs,
    });
  }

  async #record(device: ServedDevice, name: string, path: string, stored: Stored): Promise<void> {
    await this.#options.writer.recordUpload({
      deviceId: device.id,
      kind: kindOf(name),
      name,
      size: stored.size,
      sha256: stored.sha256,
      path: path.slice(this.#options.folder.length + 1),
      receivedAt: this.#options.now(),
    });
  }
}

interface Stored {
  readonly size: number;
  readonly sha256: string | null;
}

/** `empty`: a form without a file. */
type Refused = 'slow' | 'large' | 'empty';

async function replace(request: IncomingMessage, path: string, most: number): Promise<Stored | Refused> {
  const temporary = `${path}.${process.pid}.new`;
  const file = await open(temporary, 'w', 0o600);
  const hash = createHash('sha256');
  try {
    const size = await pour(request, most, async (chunk, position) => {
      hash.update(chunk);
      await file.write(chunk, 0, chunk.length, position);
    });
    if (typeof size === 'string') return size;
    await file.close();
    await rename(temporary, path);
    return { size, sha256: hash.digest('hex') };
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}

async function append(request: IncomingMessage, path: string, start: number, most: number): Promise<Stored | Refused> {
  const file = await open(path, 'r+');
  try {
    const size = await pour(request, most, async (chunk, position) => {
      await file.write(chunk, 0, chunk.length, start + position);
    });
    if (typeof size === 'string') {
      await file.truncate(start);
      return size;
    }
    return { size: start + size, sha256: null };
  } catch (error) {
    await file.truncate(start);
    throw error;
  } finally {
    await file.close();
  }
}

/** Reads the whole body with a limit and a least speed; returns its size. */
async function pour(
  request: IncomingMessage,
  most: number,
  write: (chunk: Uint8Array, position: number) => Promise<void>,
): Promise<number | Refused> {
  let size = 0;
  let sliceStart = 0;
  let slow = false;
  const timer = setInterval(() => {
    if (size - sliceStart < LEAST_PER_SLICE) {
      slow = true;
      request.destroy();
    }
    sliceStart = size;
  }, SLICE);
  try {
    // Not destroyed when we stop early: the answer still has to go out.
    const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    const boundary = boundaryOf(request.headers['content-type']);
    for await (const chunk of boundary === undefined ? body : filePart(body, boundary)) {
      if (size + chunk.length > most) return 'large';
      await write(chunk, size);
      size += chunk.length;
    }
    return boundary !== undefined && size === 0 ? 'empty' : size;
  } catch (error) {
    if (slow) return 'slow';
    throw error;
  } finally {
    clearInterval(timer);
  }
}

function readContentRange(header: string | undefined): { start: number } | 'malformed' | undefined {
  if (header === undefined) return undefined;
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(?:\d{1,15}|\*)$/.exec(header);
  return match === null || Number(match[2]) < Number(match[1]) ? 'malformed' : { start: Number(match[1]) };
}

/** Where phones put what is left of a crash, and what they report of it. */
const CRASHES = /^(?:core|prt)\//;
/** A phone that crashes again and again: the first ones tell as much as the last. */
const MOST_CRASHES = 20;

/** Names of recordings (DIAG-22). */
export const AUDIO = /^[\w.-]{1,80}\.(?:wav|mp3|ogg|opus|amr|aac|m4a)$/;

function kindOf(name: string): string {
  if (CRASHES.test(name)) return 'crash';
  if (/\.log$/.test(name)) return 'log';
  if (/\.pcap$/.test(name)) return 'capture';
  if (AUDIO.test(name)) return 'recording';
  if (/-(?:phone|web|cloud|system|local)\.cfg$/.test(name)) return 'override';
  if (/-(?:directory|contact)\.xml$/.test(name)) return 'contacts';
  if (/-(?:calls|calllog)\.xml$/.test(name)) return 'calls';
  return 'other';
}
