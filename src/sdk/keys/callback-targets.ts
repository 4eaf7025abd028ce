/**
 * Where callbacks may go: not to this machine, to link-local addresses and to the clouds' metadata services, whatever
 * form their address takes; private networks are where many integrations are (security.md F-12, W-06).
 */
import { contains, parseAddress, parseCidr } from '../../domain/subnet.ts';

type Networks = import('node:net').BlockList;

const SHUT: readonly string[] = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  // Metadata services outside of link-local: Alibaba, Azure, Oracle.
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.0/24',
  '224.0.0.0/3',
  '::/127',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  // Of AWS.
  'fd00:ec2::/32',
  // IPv4 in IPv6: NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380), compatible (RFC 4291).
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2002::/16',
  '2001::/32',
  '::/96',
];

let shut: Networks | undefined;

/** Whether a callback may go to the address; `open` are networks that were allowed by name. */
export function isOutside(address: string, open: readonly string[]): boolean {
  const parsed = parseAddress(address);
  const allowed = parsed !== undefined && open.some((network) => within(network, parsed));
  return allowed || !shutNetworks().check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

function within(network: string, address: NonNullable<ReturnType<typeof parseAddress>>): boolean {
  const parsed = parseCidr(network);
  return parsed !== undefined && contains(parsed.cidr, address);
}

function shutNetworks(): Networks {
  if (shut !== undefined) return shut;
  const { BlockList } = process.getBuiltinModule('node:net');
  shut = new BlockList();
  for (const network of SHUT) {
    const [address = '', bits] = network.split('/');
    shut.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return shut;
}
