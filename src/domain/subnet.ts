/**
 * Addresses and subnets, IPv4 and IPv6, as numbers: no I/O and no look-ups. An IPv4 address inside IPv6
 * (`::ffff:10.1.2.3`, what a dual-stack socket reports) is the IPv4 address.
 */

export interface Address {
  readonly version: 4 | 6;
  readonly value: bigint;
}

export interface Cidr extends Address {
  /** Number of leading bits that count. */
  readonly length: number;
}

const BITS = { 4: 32, 6: 128 } as const;
const MAPPED = 0xffffn;

/** Reads an address; `undefined` when it is none. A zone (`fe80::1%eth0`) is ignored. */
export function parseAddress(text: string): Address | undefined {
  const trimmed = text.trim();
  if (!trimmed.includes(':')) {
    const value = parseIpv4(trimmed);
    return value === undefined ? undefined : { version: 4, value };
  }
  const value = parseIpv6(trimmed.replace(/%[\w.-]+$/, ''));
  if (value === undefined) return undefined;
  return value >> 32n === MAPPED ? { version: 4, value: value & 0xffffffffn } : { version: 6, value };
}

/** Strict dotted decimal: a leading zero is refused, since some readers take it for octal. */
function parseIpv4(text: string): bigint | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let value = 0n;
  for (const octet of match.slice(1)) {
    const number = Number(octet);
    if (number > 255 || String(number) !== octet) return undefined;
    value = (value << 8n) | BigInt(number);
  }
  return value;
}

/** RFC 4291 section 2.2, all three forms. */
function parseIpv6(text: string): bigint | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? '');
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '') : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  return [...head, ...Array<bigint>(missing).fill(0n), ...tail].reduce((value, group) => (value << 16n) | group, 0n);
}

function groupsOf(text: string): bigint[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && index === parts.length - 1) {
      const value = parseIpv4(part);
      if (value === undefined) return undefined;
      groups.push(value >> 16n, value & 0xffffn);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(BigInt(`0x${part}`));
    } else {
      return undefined;
    }
  }
  return groups;
}

/** The one spelling of an address: dotted decimal, or RFC 5952. */
export function formatAddress({ version, value }: Address): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  // The longest run of two or more zero groups, the first of equals, becomes `::`.
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === '0') length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.start < 0) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}

/**
 * Reads `20.56.31.0/8`, `2001:db8::/32`, or a bare address as a subnet of one. The base becomes the network's (B-06);
 * `changed` tells that it was not.
 */
export function parseCidr(text: string): { readonly cidr: Cidr; readonly changed: boolean } | undefined {
  const [base = '', length, ...rest] = text.trim().split('/');
  if (rest.length > 0) return undefined;
  const address = parseAddress(base);
  if (address === undefined) return undefined;
  return length === undefined ? network(address, BITS[address.version]) : parseMask(address, length.trim());
}

/** The subnet of an address and a mask length as text, such as the two fields of CSV-03. */
export function parseSubnet(address: string, length: string): ReturnType<typeof parseCidr> {
  const base = parseAddress(address);
  return base === undefined ? undefined : parseMask(base, length.trim());
}

function parseMask(address: Address, text: string): ReturnType<typeof parseCidr> {
  if (!/^\d{1,3}$/.test(text) || Number(text) > BITS[address.version]) return undefined;
  return network(address, Number(text));
}

function network(address: Address, length: number): { cidr: Cidr; changed: boolean } {
  const value = prefix(address, length);
  return { cidr: { version: address.version, value, length }, changed: value !== address.value };
}

/** The address with all bits behind the prefix cleared. */
export function prefix({ version, value }: Address, length: number): bigint {
  const shift = BigInt(BITS[version] - length);
  return (value >> shift) << shift;
}

export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(cidr)}/${cidr.length}`;
}

export function contains(cidr: Cidr, address: Address): boolean {
  return cidr.version === address.version && prefix(address, cidr.length) === cidr.value;
}

/** Whether all addresses of the inner subnet are in the outer one. */
export function encloses(outer: Cidr, { version, value, length }: Cidr): boolean {
  return length >= outer.length && contains(outer, { version, value });
}

/** Values by subnet, found by the longest prefix. A look-up costs one map access for each mask length in use. */
export class PrefixTable<V> {
  readonly #byLength = { 4: new Map<number, Map<bigint, V>>(), 6: new Map<number, Map<bigint, V>>() };
  readonly #lengths: Record<4 | 6, number[]> = { 4: [], 6: [] };

  /** The value at exactly this subnet, made by `make` when there is none yet. */
  at(cidr: Cidr, make: () => V): V {
    const tables = this.#byLength[cidr.version];
    let table = tables.get(cidr.length);
    if (table === undefined) {
      table = new Map();
      tables.set(cidr.length, table);
      this.#lengths[cidr.version].push(cidr.length);
      this.#lengths[cidr.version].sort((a, b) => b - a);
    }
    let value = table.get(cidr.value);
    if (value === undefined) {
      value = make();
      table.set(cidr.value, value);
    }
    return value;
  }

  /** The values of all subnets that hold the address, longest prefix first. */
  *matches(address: Address): Generator<V> {
    for (const length of this.#lengths[address.version]) {
      const value = this.#byLength[address.version].get(length)?.get(prefix(address, length));
      if (value !== undefined) yield value;
    }
  }
}
