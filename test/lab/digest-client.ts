/** The caller's half of Digest, by the formula of RFC 2617, written once more for the tests. */
import { createHash } from 'node:crypto';

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

export function digest(challenge: string, user: string, password: string, method: string, uri: string): string {
  const field = (name: string): string => new RegExp(`${name}="?([^",]+)`).exec(challenge)?.[1] ?? '';
  const realm = field('realm');
  const ha1 = md5(`${user}:${realm}:${password}`);
  const response = md5(`${ha1}:${field('nonce')}:00000001:abc:auth:${md5(`${method}:${uri}`)}`);
  return `Digest username="${user}", realm="${realm}", nonce="${field('nonce')}", uri="${uri}", qop=auth, nc=00000001, cnonce="abc", response="${response}"`;
}
