/** File transfers of a Poly phone, with its paths and its ways to upload (poly.md C.3, C.4). */
import type { Target } from '../behaviour.ts';
import { LabError } from '../errors.ts';
import { getFile } from '../files.ts';
import type { HttpSession } from '../http-client.ts';

/** A name in a directory of the master file; no directory is the provisioning folder itself. */
export function join(directory: string, name: string): string {
  return directory === '' ? name : `${directory.replace(/\/$/, '')}/${name}`;
}

/** File transfers of one provisioning run, with Poly's paths. */
export class Transfer {
  readonly #session: HttpSession;
  readonly target: Target;
  readonly #base: URL;

  constructor(session: HttpSession, target: Target, base: URL) {
    this.#session = session;
    this.target = target;
    this.#base = base;
  }

  /** The file, or null where it is not there. With `head`, only its beginning is read. */
  get(path: string, userAgent?: string, head?: number): Promise<Buffer | null> {
    return getFile(this.#session, this.url(path), this.target.credential, {
      ...(userAgent !== undefined && { userAgent }),
      ...(head !== undefined && { firstBytes: head }),
    });
  }

  async need(path: string): Promise<Buffer> {
    const body = await this.get(path);
    if (body === null) throw new LabError('http', `${path}, named in CONFIG_FILES, is not there`, { status: 404 });
    return body;
  }

  /** Uploads; a server that takes none (405, 403, 404) does not trouble a phone. */
  async put(directory: string, name: string, body: string | Buffer, userAgent?: string): Promise<void> {
    await this.#session.request('PUT', this.url(join(directory, name)), {
      credential: this.target.credential,
      body,
      ...(userAgent !== undefined && { userAgent }),
    });
  }

  /** Appends to a log: HEAD for its size, then PUT with Content-Range, or the whole where HEAD failed (poly.md C.4). */
  async append(directory: string, name: string, body: string): Promise<void> {
    const url = this.url(join(directory, name));
    const { credential } = this.target;
    const head = await this.#session.request('HEAD', url, { credential });
    const size = head.status === 200 ? Number(head.headers['content-length'] ?? 0) : 0;
    const end = size + Buffer.byteLength(body);
    const headers: Record<string, string> = size > 0 ? { 'Content-Range': `bytes ${size}-${end - 1}/${end}` } : {};
    await this.#session.request('PUT', url, { credential, body, headers });
  }

  /** Where a file is, relative to the folder of the server or absolute. */
  url(path: string): URL {
    return new URL(/^[a-z]+:\/\//i.test(path) ? path : encodeURI(path.replace(/^\/+/, '')), this.#base);
  }
}
