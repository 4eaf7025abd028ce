/** How a phone takes the answer to a file request. */
import { LabError } from './errors.ts';
import { type HttpSession, plain, type RequestOptions } from './http-client.ts';
import type { Credential } from './types.ts';

/** GET: the body, or null for 404 and 410. Throws `LabError`: `refused` for 401/403, `http` for everything else but 200. */
export async function getFile(
  session: HttpSession,
  url: URL,
  credential: Credential | undefined,
  options: RequestOptions = {},
): Promise<Buffer | null> {
  const reply = await session.request('GET', url, { ...options, credential });
  if (reply.status === 200 || reply.status === 206) return reply.body;
  if (reply.status === 404 || reply.status === 410) return null;
  const what = `${plain(url)}: ${reply.status}`;
  if (reply.status === 401 || reply.status === 403)
    throw new LabError('refused', `${what}, the server refuses this phone`, { status: reply.status });
  const wait = Number(reply.headers['retry-after'] ?? Number.NaN);
  throw new LabError('http', what, { status: reply.status, ...(Number.isFinite(wait) && { retryAfter: wait }) });
}

/** The folder that a provisioning URL stands for; a file's name at its end is cut off. */
export function folderOf(url: URL): URL {
  const folder = new URL(url);
  if (/\/[^/]+\.(?:cfg|boot|xml)$/i.test(folder.pathname)) folder.pathname = folder.pathname.replace(/[^/]+$/, '');
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  folder.search = '';
  return folder;
}
