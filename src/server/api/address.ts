/** Where a request comes from. A header counts only when a listed proxy wrote it (security.md I-10). */
import type { IncomingMessage } from 'node:http';
import { type Cidr, contains, formatAddress, parseAddress, parseCidr } from '../../domain/subnet.ts';
import { PhonectlError } from '../../sdk/errors.ts';

export type AddressReader = (request: IncomingMessage) => string;

/** Throws `invalid_input` for what is not a subnet. */
export function addressReader(trustedProxies: readonly string[]): AddressReader {
  const proxies = trustedProxies.map(toCidr);
  const trusted = (text: string): boolean => {
    const address = parseAddress(text);
    return address !== undefined && proxies.some((proxy) => contains(proxy, address));
  };
  return (request) => {
    let current = normal(request.socket.remoteAddress ?? '');
    const header = request.headers['x-forwarded-for'];
    if (proxies.length === 0 || header === undefined) return current;
    // Each proxy appends who asked it: read from the end for as long as the one who says so is to be believed.
    const hops = String(header).split(',');
    while (trusted(current) && hops.length > 0) {
      const next = parseAddress(hops.pop() ?? '');
      if (next === undefined) break;
      current = formatAddress(next);
    }
    return current;
  };
}

function toCidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new PhonectlError('invalid_input', `"${text}" is not a subnet such as 10.20.0.0/16.`);
  return parsed.cidr;
}

function normal(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}
