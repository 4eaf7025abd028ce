/** Widths, cuts and the cleaning of text that comes from phones and files before it reaches a terminal. */

// C0 and C1 controls, and the bidirectional overrides and isolates that make a name read as another (CVE-2021-42574).
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
// CSI, OSC … ST/BEL, and two-byte escapes: the whole sequence goes, not only its first byte.
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
const ASCII = /^[\u0020-\u007e]*$/;
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]/u;

let segmenter: Intl.Segmenter | undefined;

/** The text without anything that could steer a terminal; line breaks and tabs become spaces. */
export function cleanText(text: string): string {
  if (ASCII.test(text)) return text;
  return text
    .replace(ESCAPES, '')
    .replace(/[\t\r\n\u2028\u2029]+/g, ' ')
    .replace(UNSAFE, '');
}

/** Columns that the text takes on a terminal. Escape sequences of our own must be stripped before. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(text)) width += graphemeWidth(segment);
  return width;
}

/** Cuts to at most `width` columns, marking the cut. */
export function truncate(text: string, width: number, mark = '…'): string {
  if (displayWidth(text) <= width) return text;
  const room = width - displayWidth(mark);
  if (room <= 0) return mark.slice(0, Math.max(0, width));
  let used = 0;
  let cut = '';
  for (const { segment } of graphemes(text)) {
    used += graphemeWidth(segment);
    if (used > room) break;
    cut += segment;
  }
  return cut + mark;
}

/** The same for text with colours: their sequences take no room, and all of them are kept, so that each colour ends. */
export function truncatePainted(text: string, width: number): string {
  const parts = text.split(/(\u001b\[\d+m)/);
  if (displayWidth(parts.filter((_, index) => index % 2 === 0).join('')) <= width) return text;
  let left = width - 1;
  let cut = false;
  const kept = parts.map((part, index) => {
    if (index % 2 === 1) return part;
    if (cut) return '';
    const taken = displayWidth(part);
    cut = taken > left;
    const shown = cut ? truncate(part, left + 1) : part;
    left -= taken;
    return shown;
  });
  return kept.join('');
}

/** Pads on the right to `width` columns. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** `lastSeen` → `LAST SEEN`, `private_ip` → `PRIVATE IP`. */
export function headerOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_.-]+/g, ' ')
    .toUpperCase();
}

const NARROWEST_NAME = 16;
const WIDEST_NAME = 40;

/** Device and name of each of these phones, as a column that fits all of them. */
export function phoneColumn(
  phones: readonly { readonly device: string; readonly name: string }[],
): (phone: { readonly device: string; readonly name: string }) => string {
  let [devices, names] = [13, NARROWEST_NAME];
  for (const { device, name } of phones) {
    devices = Math.max(devices, displayWidth(device));
    names = Math.max(names, Math.min(WIDEST_NAME, displayWidth(cleanText(name))));
  }
  return ({ device, name }) => `${padEnd(device, devices)} ${padEnd(cleanText(name), names)}`;
}

/** `1 phone`, `2 phones`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}

function graphemes(text: string): Iterable<{ segment: string }> {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

function graphemeWidth(segment: string): number {
  if (WIDE.test(segment)) return 2;
  return ZERO.test(segment) ? 0 : 1;
}
