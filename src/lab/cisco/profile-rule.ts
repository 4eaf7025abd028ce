/**
 * Profile rules: options, conditions, alternatives and macros (cisco.md 3).
 *
 *     [--uid alice --pwd s3cr3t] https://prov.example.net/c/$MA.xml
 *     ( $SWVER lt 12.0.1 )? https://prov.example.net/old.xml | https://prov.example.net/$MA.xml
 */
import { LabError } from '../errors.ts';
import type { Credential } from '../types.ts';

export interface ResolvedRule {
  /** Absolute, or a path that belongs to the server asked last. */
  address: string;
  credential: Credential | undefined;
  /** `--key`: the profile is encrypted. */
  key: string | undefined;
}

export type Macros = ReadonlyMap<string, string>;

/** Chooses the alternative whose condition holds and expands it; null for an empty rule. Throws `LabError('unparsable')`. */
export function resolveRule(rule: string, macros: Macros): ResolvedRule | null {
  for (const alternative of splitAlternatives(rule)) {
    const { condition, rest } = splitCondition(alternative.trim());
    if (condition !== null && !holds(condition, macros)) continue;
    const options = /^\[([^\]]*)\]\s*/.exec(rest);
    const address = expandMacros(rest.slice(options?.[0].length ?? 0).trim(), macros);
    if (address === '') return null;
    const given = parseOptions(options?.[1] ?? '', macros);
    const username = given.get('uid');
    return {
      address,
      credential: username === undefined ? undefined : { username, password: given.get('pwd') ?? '' },
      key: given.get('key'),
    };
  }
  return null;
}

/** `$NAME`, `$(NAME)`, `$(NAME:3:6)` (from offset 3, 6 signs [recalled]) and `$$`. An unknown macro stays as it is. */
export function expandMacros(text: string, macros: Macros): string {
  return text.replace(
    /\$(?:\$|\(([A-Z]+\d?)(?::(\d+))?(?::(\d+))?\)|([A-Z]+\d?))/g,
    (whole, inBrackets, from, length, bare) => {
      if (whole === '$$') return '$';
      const name: string = inBrackets ?? longestKnown(bare, macros);
      const value = macros.get(name);
      if (value === undefined) return whole;
      const rest = inBrackets === undefined ? bare.slice(name.length) : '';
      const part =
        from === undefined
          ? value
          : value.slice(Number(from), length === undefined ? undefined : Number(from) + Number(length));
      return part + rest;
    },
  );
}

/** `$MA.xml` is `MA`; `$MAX` would be `MA` and an X, since no macro is called MAX. */
function longestKnown(letters: string, macros: Macros): string {
  for (let length = letters.length; length > 0; length--) {
    const name = letters.slice(0, length);
    if (macros.has(name)) return name;
  }
  return letters;
}

function parseOptions(text: string, macros: Macros): Map<string, string> {
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const options = new Map<string, string>();
  while (words.length > 0) {
    const word = words.shift()!;
    if (!word.startsWith('--')) throw new LabError('unparsable', `profile rule: "${word}" is no option`);
    const takesValue = words[0] !== undefined && !words[0].startsWith('--');
    options.set(word.slice(2), takesValue ? expandMacros(words.shift()!, macros) : '');
  }
  return options;
}

/** Cuts at `|`, but not inside brackets. */
function splitAlternatives(rule: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const sign of rule) {
    if ('[('.includes(sign)) depth++;
    else if ('])'.includes(sign)) depth--;
    if (sign === '|' && depth === 0) parts.push('');
    else parts[parts.length - 1] += sign;
  }
  return parts;
}

function splitCondition(alternative: string): { condition: string | null; rest: string } {
  const match = /^\(([^)]*(?:\([^)]*\)[^)]*)*)\)\s*\?\s*/.exec(alternative);
  if (match === null) return { condition: null, rest: alternative };
  return { condition: match[1]!, rest: alternative.slice(match[0].length) };
}

/** Comparisons joined by `and`. */
function holds(condition: string, macros: Macros): boolean {
  return condition.split(/\s+and\s+|\s*&&\s*/i).every((part) => {
    const match = /^\s*(\S+)\s+(eq|ne|lt|gt|le|ge)\s+(\S+)\s*$/i.exec(part);
    if (match === null)
      throw new LabError('unparsable', `profile rule: the condition "${part.trim()}" is not understood`);
    const [, left = '', operator = '', right = ''] = match;
    const order = compare(unquote(expandMacros(left, macros)), unquote(expandMacros(right, macros)));
    return { eq: order === 0, ne: order !== 0, lt: order < 0, gt: order > 0, le: order <= 0, ge: order >= 0 }[
      operator.toLowerCase()
    ]!;
  });
}

/** Versions by their numbers, everything else by its letters. */
function compare(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true });
}

function unquote(text: string): string {
  return text.replace(/^"(.*)"$/, '$1');
}
