/** Parameter catalogues: what `templates/catalogues/*.yaml` say of a vendor's parameters, found by any spelling. */
import type { Catalogue, CatalogueEntry, Vendor } from './driver.ts';

/** What a catalogue file says of one parameter or indexed family; bounds are lengths for text, values for numbers. */
export interface CatalogueData {
  readonly type: CatalogueEntry['type'];
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
  readonly default?: string;
  readonly causes?: 'nothing' | 'restart' | 'reboot';
  /** Also secret without this when the type is `password`. */
  readonly secret?: boolean;
  readonly text?: string;
  /** Models that have it, by name; all when absent. */
  readonly models?: readonly string[];
  /** Firmware that has it, such as `>=6.4.2`; all when absent. */
  readonly firmware?: string;
}

export interface CatalogueFile {
  readonly vendor: Vendor;
  /** By name; `{n}` stands for any number: `reg.{n}.auth.password`, `Proxy_{n}_`. */
  readonly parameters: Readonly<Record<string, CatalogueData>>;
}

/** Longest name that is looked up; longer ones are no parameters. */
const LONGEST_NAME = 256;

/** Secret by their looks, for parameters that no catalogue knows: better a hidden number than a shown password. */
const SECRET_LOOKS =
  /(?:passw(?:or)?d|passwd|_pwd|\bpwd|secret|aes_key|(?:private|encryption)_?key|\.key_in_file|\.pin$|unlock_pin|pin_code|passphrase|psk_?key|^psk_\d|wep_?key\d?(?:_\d|$)|lockcode|^gpp_s[a-d]$)/i;

/**
 * Builds a catalogue. Names are found without regard to case; numbers match `{n}` of a family where no literal name
 * fits. `isCustom` tells whether an unknown name has the vendor's shape.
 */
export function createCatalogue(file: CatalogueFile): Catalogue {
  const names = Object.keys(file.parameters);
  /** Pattern or name in lower case → name as written in the file. */
  const byKey = new Map(names.map((name) => [name.toLowerCase(), name]));
  const found = new Map<string, CatalogueEntry>();

  function find(name: string): CatalogueEntry | undefined {
    if (name.length > LONGEST_NAME) return undefined;
    const known = found.get(name);
    if (known !== undefined) return known;
    const match = match1(byKey, name.toLowerCase());
    if (match === undefined) return undefined;
    const entry = toEntry(fill(match.pattern, match.numbers), file.parameters[match.pattern]);
    // Names come from catalogued families only, so that this cannot grow without bound in practice; a reset keeps it so.
    if (found.size > 50_000) found.clear();
    found.set(name, entry);
    return entry;
  }

  return {
    find,
    suggest: (name, limit = 5) => suggest(names, name, limit),
    *entries() {
      for (const name of names) yield toEntry(name, file.parameters[name]);
    },
  };
}

function toEntry(name: string, data: CatalogueData | undefined): CatalogueEntry {
  if (data === undefined) throw new RangeError(`no catalogue data for ${name}`);
  const { text, secret, ...rest } = data;
  return {
    ...rest,
    name,
    secret: secret ?? data.type === 'password',
    ...(text === undefined ? {} : { description: text }),
  };
}

/** Literal name first; then with numbers replaced by `{n}`, the fewest replacements from the left first. */
function match1(byKey: ReadonlyMap<string, string>, key: string): { pattern: string; numbers: string[] } | undefined {
  const literal = byKey.get(key);
  if (literal !== undefined) return { pattern: literal, numbers: [] };
  const pieces = key.split(/(\d+)/);
  const slots: number[] = [];
  for (let index = 1; index < pieces.length; index += 2) slots.push(index);
  // All subsets of at most five numbers: names have one to three.
  if (slots.length === 0 || slots.length > 5) return undefined;
  for (let mask = (1 << slots.length) - 1; mask > 0; mask--) {
    const chosen = slots.filter((_, bit) => (mask & (1 << bit)) !== 0);
    const pattern = byKey.get(pieces.map((piece, index) => (chosen.includes(index) ? '{n}' : piece)).join(''));
    if (pattern !== undefined) return { pattern, numbers: chosen.map((index) => pieces[index] ?? '') };
  }
  return undefined;
}

function fill(pattern: string, numbers: readonly string[]): string {
  let next = 0;
  return pattern.replace(/\{n\}/g, (slot) => numbers[next++] ?? slot);
}

/** Whether a value must be treated as a secret: by its catalogue entry, else by the looks of the name. */
export function isSecretName(catalogue: Catalogue, name: string): boolean {
  return catalogue.find(name)?.secret ?? looksSecret(name);
}

/** Whether a name that nobody knows must be taken for a secret's. */
export function looksSecret(name: string): boolean {
  // Who may see a password at a Cisco phone (`Admin_Password@ua`) is none.
  return SECRET_LOOKS.test(name.slice(0, LONGEST_NAME)) && !name.endsWith('@ua');
}

/** For families that have more numbers than what was written. */
const MORE = ['1', '1', '1', '1', '1'];

/** Shared trigrams rank the names: quick, and forgiving of swapped and missing parts of dotted names. */
function suggest(names: readonly string[], wanted: string, limit: number): readonly string[] {
  if (wanted.length > LONGEST_NAME) return [];
  const shape = wanted.toLowerCase().replace(/\d+/g, '{n}');
  const own = trigrams(shape);
  const numbers = wanted.match(/\d+/g) ?? [];
  return names
    .map((name) => {
      const other = trigrams(name.toLowerCase());
      let shared = 0;
      for (const gram of own) if (other.has(gram)) shared++;
      return { name, score: (2 * shared) / (own.size + other.size) };
    })
    .filter(({ score }) => score >= 0.4)
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
    .slice(0, limit)
    .map(({ name }) => (numbers.length === 0 ? name : fill(name, [...numbers, ...MORE])));
}

function trigrams(name: string): Set<string> {
  const padded = `  ${name} `;
  const grams = new Set<string>();
  for (let start = 0; start + 3 <= padded.length; start++) grams.add(padded.slice(start, start + 3));
  return grams;
}
