/** Rendered files of devices, kept while nothing that they depend on has changed, up to so many bytes. */
import { createHash } from 'node:crypto';
import type { RenderedFile } from '../vendors/driver.ts';
import type { FileFacts } from './file-response.ts';

/** `modified` is when these bytes were first rendered here. */
export interface CachedFile extends FileFacts {
  readonly name: string;
  readonly body: Uint8Array;
  /** The same bytes, one per character: Node writes a text together with the header in one piece. */
  readonly latin1: string;
}

export interface Rendering {
  readonly digest: string;
  /** By name in lower case. */
  readonly files: ReadonlyMap<string, CachedFile>;
}

interface Entry {
  readonly key: string;
  readonly rendering: Promise<Rendering>;
  size: number;
  settled?: Rendering;
}

export class RenderCache {
  readonly #entries = new Map<number, Entry>();
  readonly #limit: number;
  readonly #now: () => number;
  #size = 0;
  hits = 0;
  misses = 0;

  constructor(options: { readonly limit: number; readonly now: () => number }) {
    this.#limit = options.limit;
    this.#now = options.now;
  }

  /**
   * The device's files for this key; rendered once, also when many ask at the same time. What is no longer current when it
   * is done may hold what belongs to another key: it is handed out, and not kept.
   */
  async get(
    id: number,
    key: string,
    render: () => Promise<{ readonly digest: string; readonly files: readonly RenderedFile[] }>,
    isCurrent: () => boolean = () => true,
  ): Promise<Rendering> {
    const known = this.#entries.get(id);
    if (known?.key === key) {
      this.hits += 1;
      // Moved to the end: the beginning of the map is what was not asked for the longest.
      this.#entries.delete(id);
      this.#entries.set(id, known);
      return known.settled ?? (await known.rendering);
    }
    this.misses += 1;
    const rendering = render().then((result) => this.#toRendering(result, known?.settled));
    const entry: Entry = { key, rendering, size: 0 };
    this.#drop(id);
    this.#entries.set(id, entry);
    try {
      const settled = await rendering;
      if (this.#entries.get(id) !== entry) return settled;
      if (isCurrent()) this.#keep(entry, settled);
      else this.#drop(id);
      return settled;
    } catch (error) {
      if (this.#entries.get(id) === entry) this.#entries.delete(id);
      throw error;
    }
  }

  get size(): number {
    return this.#size;
  }

  #keep(entry: Entry, settled: Rendering): void {
    entry.settled = settled;
    for (const { body } of settled.files.values()) entry.size += 2 * body.length + 512;
    this.#size += entry.size;
    for (const [id, { settled: done }] of this.#entries) {
      if (this.#size <= this.#limit) break;
      if (done !== undefined) this.#drop(id);
    }
  }

  #drop(id: number): void {
    this.#size -= this.#entries.get(id)?.size ?? 0;
    this.#entries.delete(id);
  }

  /** A file whose bytes are as before keeps its time, so that a phone's condition still holds. */
  #toRendering(
    { digest, files }: { readonly digest: string; readonly files: readonly RenderedFile[] },
    before: Rendering | undefined,
  ): Rendering {
    const cached = new Map<string, CachedFile>();
    for (const { name, contentType, body } of files) {
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
      const old = before?.files.get(name.toLowerCase());
      const modified = old === undefined ? this.#now() : old.etag === etag ? old.modified : later(old, this.#now());
      const latin1 = Buffer.from(body).toString('latin1');
      cached.set(name.toLowerCase(), { name, contentType, body, latin1, size: body.length, etag, modified });
    }
    return { digest, files: cached };
  }
}

/** HTTP dates have seconds: a change within the same second must still show. */
function later(old: CachedFile, now: number): number {
  return Math.max(now, old.modified + 1_000);
}
