/** Loopback addresses for simulated phones: each has its own in 127.0.0.0/8, as a phone has on a LAN. */

const FIRST = octets(127, 16, 0, 1);
const LAST = octets(127, 250, 255, 254);
const LOOPBACK = /^127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

function octets(a: number, b: number, c: number, d: number): number {
  return ((a * 256 + b) * 256 + c) * 256 + d;
}

function text(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

/**
 * One address per phone, in order. A phone keeps a loopback address that it has already, so that a lab which is started
 * again finds its phones where they were; others get the next free one. Never .0 or .255, which people take for networks.
 */
export function addressesFor(wished: readonly (string | null)[]): readonly string[] {
  const taken = new Set<string>();
  const kept = wished.map((address) => {
    if (address === null || !LOOPBACK.test(address) || taken.has(address) || address.startsWith('127.0.'))
      return undefined;
    taken.add(address);
    return address;
  });
  let next = FIRST;
  return kept.map((address) => {
    if (address !== undefined) return address;
    for (;;) {
      if (next > LAST) throw new RangeError(`no loopback address is left for phone ${taken.size + 1}`);
      const candidate = text(next);
      next += (next & 0xff) === 254 ? 3 : 1;
      if (taken.has(candidate)) continue;
      taken.add(candidate);
      return candidate;
    }
  });
}
