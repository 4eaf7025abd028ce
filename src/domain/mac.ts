/** MAC addresses: one stored form (twelve lower-case hex digits), any common spelling on the way in. */

/**
 * `0004f2abcdef`, `00:04:F2:AB:CD:EF`, `00-04-f2-ab-cd-ef`, `0004.f2ab.cdef` (Cisco), `0004F2-ABCDEF`, each also behind
 * `MAC:` or `MAC%3A` (SIP PnP, neutral.md section 2) or `SEP` (Cisco device names). A separator is used throughout.
 */
const SPELLING =
  /^(?:MAC(?::|%3A)|SEP)?(?:([0-9A-F]{12})|([0-9A-F]{2}(?:([:-])[0-9A-F]{2})(?:\3[0-9A-F]{2}){4})|([0-9A-F]{4}([.:-])[0-9A-F]{4}\5[0-9A-F]{4})|([0-9A-F]{6}[.:-][0-9A-F]{6}))$/i;

/** Longest spelling that can be one; longer text is not looked at. */
const LONGEST = 'MAC%3A'.length + 17;

const STORED = /^[0-9a-f]{12}$/;
const NOBODY = '000000000000';
const EVERYBODY = 'ffffffffffff';

/** How a MAC can be written: `plain` 0004f2abcdef, `upper` 0004F2ABCDEF, `colon` 00:04:f2:…, `hyphen` 00-04-f2-…, `dot` 0004.f2ab.cdef. */
export type MacStyle = 'plain' | 'upper' | 'colon' | 'hyphen' | 'dot';

/**
 * The stored form of a MAC in any common spelling, else `undefined`. Blanks around it are ignored. All zeros and all
 * ones are no device's address: phones use `000000000000` for files that are for everybody.
 */
export function parseMac(text: string): string | undefined {
  // The stored form itself, as large files have it: spares the search for all other spellings.
  if (STORED.test(text)) return text === NOBODY || text === EVERYBODY ? undefined : text;
  const trimmed = text.trim();
  if (trimmed.length > LONGEST) return undefined;
  const match = SPELLING.exec(trimmed);
  if (match === null) return undefined;
  const mac = (match[1] ?? match[2] ?? match[4] ?? match[6] ?? '').replace(/[^0-9a-f]/gi, '').toLowerCase();
  return mac === NOBODY || mac === EVERYBODY ? undefined : mac;
}

/** Writes a stored MAC (twelve hex digits) in another style. */
export function formatMac(mac: string, style: MacStyle): string {
  switch (style) {
    case 'plain':
      return mac.toLowerCase();
    case 'upper':
      return mac.toUpperCase();
    case 'colon':
      return grouped(mac, 2, ':');
    case 'hyphen':
      return grouped(mac, 2, '-');
    case 'dot':
      return grouped(mac, 4, '.');
  }
}

function grouped(mac: string, size: number, separator: string): string {
  const groups: string[] = [];
  for (let start = 0; start < mac.length; start += size) groups.push(mac.slice(start, start + size));
  return groups.join(separator).toLowerCase();
}
