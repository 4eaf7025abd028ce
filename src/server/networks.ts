/** Client addresses and the networks that they may come from. */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { formatAddress, parseAddress, parseCidr } from '../domain/subnet.ts';
import { PhonectlError } from '../sdk/errors.ts';

/** A set of networks that answers quickly. */
export class Networks {
  readonly #list = new BlockList();

  /** Throws `invalid_input` for what is no network. */
  constructor(cidrs: readonly string[]) {
    for (const text of cidrs) {
      const parsed = parseCidr(
        text.includes('/') || isIP(text) === 0 ? text : `${text}/${isIP(text) === 4 ? 32 : 128}`,
      );
      if (parsed === undefined) {
        throw new PhonectlError('invalid_input', `'${text}' is not a network such as 10.20.0.0/16.`);
      }
      const { cidr } = parsed;
      this.#list.addSubnet(formatAddress(cidr), cidr.length, cidr.version === 4 ? 'ipv4' : 'ipv6');
    }
  }

  has(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }
}

/** The one spelling of an address: what a dual-stack socket calls `::ffff:10.1.2.3` is 10.1.2.3. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  if (isIP(address) === 4) return address;
  if (address.startsWith('::ffff:') && isIP(address.slice(7)) === 4) return address.slice(7);
  const parsed = parseAddress(address);
  return parsed === undefined ? '' : formatAddress(parsed);
}

/**
 * Who sent the request: the peer of the connection, or what a listed proxy says of it. Read from the right, so that
 * a client cannot put an address of its choice in front (security.md I-10).
 */
export function clientAddress(request: IncomingMessage, proxies: Networks | undefined): string {
  const peer = plainAddress(request.socket.remoteAddress);
  if (proxies === undefined || !proxies.has(peer)) return peer;
  const forwarded = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => plainAddress(part.trim()))
    .reverse();
  for (const address of forwarded) {
    if (address === '') return peer;
    if (!proxies.has(address)) return address;
  }
  return peer;
}
