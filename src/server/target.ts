/**
 * What a request line asks for, as a relative name that can be looked up. Everything that could mean more than one
 * thing to two readers is refused here once (security.md W-04): no name that passes can leave a folder.
 */

export interface Target {
  /** Decoded, without leading slash and query; segments are never empty, `.` or `..`. */
  readonly name: string;
  /** Without the question mark. */
  readonly query: string;
}

const LONGEST = 2_048;

/** What nearly every phone asks for: one name with nothing to decode and nothing to doubt. */
const PLAIN = /^\/([A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*)$/;

/** `undefined` for a request target that names no file of ours. */
export function parseTarget(url: string): Target | undefined {
  // Origin form only (RFC 9112, 3.2.1): a proxy's absolute form could name another host.
  if (url.length > LONGEST || !url.startsWith('/')) return undefined;
  const mark = url.indexOf('?');
  const plain = PLAIN.exec(mark < 0 ? url : url.slice(0, mark))?.[1];
  if (plain !== undefined) return { name: plain, query: mark < 0 ? '' : url.slice(mark + 1) };
  const path = decode(mark < 0 ? url : url.slice(0, mark));
  if (path === undefined || !isPlain(path)) return undefined;
  // Phones put a slash between a base URL that ends in one and the name: empty segments mean nothing.
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments.some((segment) => segment === '.' || segment === '..')) return undefined;
  return { name: segments.join('/'), query: mark < 0 ? '' : url.slice(mark + 1) };
}

function decode(path: string): string | undefined {
  if (!path.includes('%')) return path;
  try {
    const decoded = decodeURIComponent(path);
    // A percent sign that is left may be a second encoding; no name of ours has one.
    return decoded.includes('%') ? undefined : decoded;
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

// Control characters, backslash, and what Unicode or a file system may take for a slash, a dot or a drive.
const TRICKY = /[\u0000-\u001f\u007f-\u009f\\\u2044\u2215\u2024\u2025\u2026\uff0e\uff0f\uff3c\ufffd]|;|\.\.\/|\/\.\./;

function isPlain(path: string): boolean {
  return !TRICKY.test(path) && path === path.normalize('NFC');
}

/** The name below the path of the provisioning URL; a name outside it stays as it is, for phones that know the host only. */
export function withoutBase(name: string, basePath: string): string {
  return basePath !== '' && name.startsWith(`${basePath}/`) ? name.slice(basePath.length + 1) : name;
}
