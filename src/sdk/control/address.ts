/** Where a phone can be dialled, and what to do when it cannot (NET-16, NET-17). */

/** What is known of a device's addresses. */
export interface DeviceAddresses {
  /** Set by people: a URL that is used as it is. */
  readonly controlUrl: string | null;
  /** Set by people. */
  readonly privateIp: string | null;
  readonly facts: {
    /** Where its requests came from. */
    readonly publicIp: string | null;
    /** What the phone says of itself. */
    readonly reportedIp: string | null;
  };
}

export type Dial =
  | { readonly url: string; readonly host: string; readonly sipPort?: number }
  | { readonly reason: string };

/**
 * The control URL, else the address that people gave, else the one its requests come from if that is in a private
 * network: a phone on ours. What the phone says of itself is believed only where the two agree; otherwise a phone could
 * send our requests to any address (security.md F-12).
 */
export function dialAddress(device: DeviceAddresses): Dial {
  const { controlUrl, privateIp, facts } = device;
  if (controlUrl !== null) return dialUrl(controlUrl);
  if (privateIp !== null) return dial(privateIp);
  const { publicIp, reportedIp } = facts;
  if (publicIp === null) {
    return { reason: 'it has not been seen, and no address of it is known' };
  }
  if (isDialable(publicIp) && (isPrivate(publicIp) || publicIp === reportedIp)) return dial(publicIp);
  return {
    reason: [
      `it is behind another network's router (${publicIp})`,
      'Ways: a NOTIFY sent by the PBX that it is registered to',
      '--control-url or --private-ip if a VPN or a forwarded port leads to it',
      'for configuration, its next poll',
    ].join('; '),
  };
}

/**
 * A control URL may name the port for SIP behind a `#`, which is never sent: `https://198.51.100.7:8443#sip=5062`, for
 * phones behind forwarded ports.
 */
function dialUrl(controlUrl: string): Dial {
  const url = new URL(controlUrl);
  const port = Number(/^#sip=(\d{1,5})$/.exec(url.hash)?.[1] ?? 0);
  url.hash = '';
  return {
    url: url.href.replace(/\/$/, ''),
    host: url.hostname.replace(/^\[|\]$/g, ''),
    ...(port > 0 && port < 65_536 && { sipPort: port }),
  };
}

function dial(address: string): Dial {
  return { url: `https://${address.includes(':') ? `[${address}]` : address}`, host: address };
}

function isPrivate(address: string): boolean {
  return privateNetworks().check(address, family(address));
}

/** Never learnt from a phone: ourselves, link-local (cloud metadata), multicast, nothing. */
function isDialable(address: string): boolean {
  return !forbiddenNetworks().check(address, family(address));
}

function family(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

type Networks = import('node:net').BlockList;
let lists: { readonly open: Networks; readonly shut: Networks } | undefined;

function networks(): { readonly open: Networks; readonly shut: Networks } {
  if (lists !== undefined) return lists;
  const { BlockList } = process.getBuiltinModule('node:net');
  const open = new BlockList();
  // RFC 1918, RFC 6598 (carrier networks are no phone's LAN, but many clinics use them as one), RFC 4193.
  open.addSubnet('10.0.0.0', 8);
  open.addSubnet('172.16.0.0', 12);
  open.addSubnet('192.168.0.0', 16);
  open.addSubnet('100.64.0.0', 10);
  open.addSubnet('fc00::', 7, 'ipv6');
  const shut = new BlockList();
  shut.addSubnet('0.0.0.0', 8);
  shut.addSubnet('127.0.0.0', 8);
  shut.addSubnet('169.254.0.0', 16);
  shut.addSubnet('224.0.0.0', 3);
  shut.addAddress('::', 'ipv6');
  shut.addAddress('::1', 'ipv6');
  shut.addSubnet('fe80::', 10, 'ipv6');
  shut.addSubnet('ff00::', 8, 'ipv6');
  lists = { open, shut };
  return lists;
}

function privateNetworks(): Networks {
  return networks().open;
}

function forbiddenNetworks(): Networks {
  return networks().shut;
}
