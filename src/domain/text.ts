/** Names and free text: what may be stored, and how two spellings of a name are compared. */

/** The longest name and the longest description, in UTF-16 units. */
export const NAME_LENGTH = 255;
export const TEXT_LENGTH = 4000;

/**
 * The form under which names are compared and kept unique: NFC, trimmed, lower case. `Müller` typed on a Mac (decomposed)
 * and on Windows (composed) is the same name (I18N-02).
 */
export function nameKey(text: string): string {
  return text.normalize('NFC').trim().toLowerCase();
}

/**
 * Code points that no name may hold (design.md 12): C0 and C1 controls, line and paragraph separators, the bidirectional
 * overrides and isolates that make a terminal or a page show another text than it holds, unpaired surrogates, and
 * non-characters.
 */
const FORBIDDEN = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\p{Cs}/u;

/** Cheap test that lets plain text, which is nearly all there is, past without the regular expression. */
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Why `text` cannot be a name, as a clause for people (`is empty`); `undefined` when it can. Printable Unicode of 1 to
 * 255 characters; blanks around it do not count.
 */
export function checkName(text: string): string | undefined {
  const length = text.trim().length;
  if (length === 0) return 'is empty';
  if (length > NAME_LENGTH) return `has ${length} characters, at most ${NAME_LENGTH} are possible`;
  return checkCharacters(text);
}

/** Like {@link checkName} for descriptions, labels and the like: may be empty, may be longer. */
export function checkText(text: string, longest: number = TEXT_LENGTH): string | undefined {
  if (text.length > longest) return `has ${text.length} characters, at most ${longest} are possible`;
  return checkCharacters(text);
}

function checkCharacters(text: string): string | undefined {
  if (PLAIN.test(text)) return undefined;
  const found = FORBIDDEN.exec(text);
  if (found === null) return undefined;
  const code = found[0].codePointAt(0) ?? 0;
  return `holds the character ${codePoint(code)}, which cannot be printed`;
}

/** `U+000A` */
export function codePoint(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Shortens a value for a message: hostile or huge cells must not flood a log. */
export function excerpt(text: string, longest = 60): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** Names of `candidates` near a misspelt one, best first: at most a third of the letters differ. */
export function nearest(wanted: string, candidates: Iterable<string>, limit = 3): readonly string[] {
  const key = nameKey(wanted);
  const allowed = Math.max(1, Math.floor(key.length / 3));
  const found: { name: string; distance: number }[] = [];
  for (const name of new Set(candidates)) {
    const other = nameKey(name);
    if (Math.abs(other.length - key.length) > allowed) continue;
    const distance = editDistance(key, other);
    if (distance <= allowed) found.push({ name, distance });
  }
  return found
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, limit)
    .map(({ name }) => name);
}

/** How many letters to change, add, drop or swap with their neighbour (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + change);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
