/** What a request shows of who sent it: a bearer key, a bearer session, or a signature. */
import type { IncomingMessage } from 'node:http';
import type { Credentials } from '../../sdk/access/gatekeeper.ts';
import { PhonectlError } from '../../sdk/errors.ts';
import { parseBearer } from '../../sdk/keys/secret.ts';
import { parseSignature } from '../../sdk/keys/signature.ts';

/** `undefined` when it shows nothing. Throws `unauthenticated` for what cannot be read. */
export function readCredentials(request: IncomingMessage): Credentials | undefined {
  const { authorization, signature, 'signature-input': signatureInput } = request.headers;
  if (authorization !== undefined) {
    const bearer = parseBearer(/^bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
    if (bearer === undefined) throw unreadable();
    return 'token' in bearer ? { kind: 'session', ...bearer } : { kind: 'key', key: bearer };
  }
  if (signature === undefined && signatureInput === undefined) return undefined;
  const parsed = parseSignature({ signature: String(signature), signatureInput: String(signatureInput) });
  if (parsed === undefined) throw unreadable();
  const [path = '', ...query] = (request.url ?? '').split('?');
  const digest = request.headers['content-digest'];
  return {
    kind: 'signature',
    signature: parsed,
    parts: {
      method: request.method ?? '',
      authority: request.headers.host ?? '',
      path,
      query: query.length === 0 ? '?' : `?${query.join('?')}`,
      ...(parsed.coversDigest && { contentDigest: String(digest) }),
    },
  };
}

function unreadable(): PhonectlError {
  return new PhonectlError('unauthenticated', 'The credentials of this request cannot be read.', {
    hints: ['Send `Authorization: Bearer <key id>.<secret>`, or sign the request.'],
  });
}
