/** Where a request comes from. A header counts only when a listed proxy wrote it (security.md I-10). */
import type { IncomingMessage } from 'node:http';
import { type Cidr, contains, formatAddress, parseAddress, parseCidr } from '../../domain/subnet.ts';
import { PhonectlError } from '../../sdk/errors.ts';

export type AddressReader = (request: IncomingMessage) => string;

/** Throws `invalid_input` for what is not a subnet. */
export function addressReader(trustedProxies: readonly string[]): AddressReader {
  const trusted = proxyReader(trustedProxies);
  return (request) => {
    let current = normalAddress(request.socket.remoteAddress ?? '');
    const header = request.headers['x-forwarded-for'];
    if (trustedProxies.length === 0 || header === undefined) return current;
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

/** Whether an address is one of the listed proxies. Throws `invalid_input` for what is not a subnet. */
export function proxyReader(trustedProxies: readonly string[]): (text: string) => boolean {
  const proxies = trustedProxies.map(toCidr);
  return (text) => {
    const address = parseAddress(text);
    return address !== undefined && proxies.some((proxy) => contains(proxy, address));
  };
}

function toCidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new PhonectlError('invalid_input', `"${text}" is not a subnet such as 10.20.0.0/16.`);
  return parsed.cidr;
}

/** In its one spelling: IPv4 addresses come mapped into IPv6 where both are listened on. */
export function normalAddress(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}
