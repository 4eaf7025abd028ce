/**
 * One POST to an address that somebody named and that is no phone. Where it leads is looked at after the name is resolved,
 * and the very address that was looked at is connected to, so that no name can lead it astray between the two (DNS
 * rebinding, security.md F-12). Redirects are not followed, and of the answer nothing but its status is read.
 */
import type { LookupFunction } from 'node:net';
import { PhonectlError } from '../sdk/errors.ts';

export interface Outgoing {
  /** https. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** PEM of an authority that is good beside the public ones. */
  readonly ca?: string | undefined;
  /** Whether a connection may go to this address. */
  readonly allowed: (address: string) => boolean;
  readonly signal: AbortSignal;
}

/** Resolves with the status. Throws `unreachable`, and `forbidden` for an address that is not allowed. */
export async function post({ url: text, headers, body, allowed, ca, signal }: Outgoing): Promise<number> {
  const url = new URL(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const { isIP } = process.getBuiltinModule('node:net');
  // An address is not looked up. What is written 0x7f.1 or 2130706433 is 127.0.0.1 by now: the URL's parser saw to it.
  if (isIP(host) !== 0 && !allowed(host)) throw notAllowed(host, host);
  const { request } = await import('node:https');
  const { getCACertificates } = process.getBuiltinModule('node:tls');
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const outgoing = request(
    url,
    {
      method: 'POST',
      agent: false,
      lookup: guarded(host, allowed),
      signal,
      ...(ca !== undefined && { ca: [...getCACertificates('default'), ca] }),
      maxHeaderSize: 16_384,
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)), 'user-agent': 'phonectl' },
    },
    (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    },
  );
  outgoing.on('error', (error) => {
    if (signal.aborted) reject(signal.reason);
    else if (error instanceof PhonectlError) reject(error);
    else reject(new PhonectlError('unreachable', `${url.host} cannot be reached: ${error.message}`, { cause: error }));
  });
  outgoing.end(body);
  return await promise;
}

/** Every address of the name has to be allowed: a name of which one leads to us is not to be trusted with the others. */
function guarded(host: string, allowed: (address: string) => boolean): LookupFunction {
  return (name, options, done) => {
    const { lookup } = process.getBuiltinModule('node:dns');
    lookup(name, { ...options, all: true }, (error, found) => {
      if (error) {
        done(error, '');
        return;
      }
      const shut = found.find(({ address }) => !allowed(address));
      if (shut !== undefined) done(notAllowed(host, shut.address), '');
      else if (options.all) done(null, found);
      else done(null, found[0]!.address, found[0]!.family);
    });
  };
}

function notAllowed(host: string, address: string): PhonectlError {
  return new PhonectlError('forbidden', `${host} is ${address}, where this server sends nothing.`, {
    hints: ['If it is meant: `phonectl serve --callback-to CIDR`.'],
    details: { host, address },
  });
}
