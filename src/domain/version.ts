/**
 * Firmware versions: numbers between dots, compared one by one (MODEL-01..04, B-46).
 *
 * Yealink's first number belongs to the hardware (66.86.0.15 runs on a T46S, 96.86.0.75 on a T54W): such versions are
 * only comparable under the same prefix, and a rule that is meant for all of them writes `XX`.
 */

export interface Version {
  readonly text: string;
  readonly numbers: readonly number[];
  /** What follows the numbers, such as `a` in 7.4.8a or `MPP0201-66` in 12.0.7MPP0201-66; lower case. */
  readonly suffix: string;
}

/** A rule's version: `XX.84.0.70`, `58.83.0.5`, `6.4`. The wildcard stands for any first number. */
interface Pattern {
  readonly anyPrefix: boolean;
  readonly numbers: readonly number[];
}

/** Which versions of a model are supported; see {@link checkRule}. */
export interface FirmwareRule {
  /** Product line that the rule is about, such as `sip`, `sfb`, `teams`, `zoom`, `vc`. */
  readonly edition: string;
  /** The rule lists what was tested, not all that works (MODEL-11): outside of it, support is unknown. */
  readonly tested?: boolean;
  /** First supported version. */
  readonly min: string;
  /** Versions that are not supported although they are in range (MODEL-02: XX.84.0.10). */
  readonly except?: readonly string[];
  /** First version that is no longer supported (MODEL-04, B-46). */
  readonly below?: string;
  /** Bounds, both included, of the second number of versions that the rule speaks of; without it, of all versions. */
  readonly branch?: readonly [number, number];
}

export type RuleResult = 'not-addressed' | 'supported' | 'too-old' | 'too-new' | 'excepted';

const NUMBERS = /^(\d{1,9}(?:[.-]\d{1,9})*)(.*)$/s;

/**
 * Reads `6.4.0.1234`, `66.86.0.15`, `12.0.7`, `12-0-7MPP0201-66`, `11.3.7_MPP_0001`, `7.4.8a`; text after a blank (Poly
 * adds a build date) is cut. `undefined` when it does not begin with a number.
 */
export function parseVersion(text: string): Version | undefined {
  const word = text.trim().split(/\s/, 1)[0] ?? '';
  if (word.length > 64) return undefined;
  const match = NUMBERS.exec(word);
  if (match === null) return undefined;
  const numbers = (match[1] ?? '').split(/[.-]/).map(Number);
  return { text: word, numbers, suffix: (match[2] ?? '').toLowerCase() };
}

/** Negative, zero or positive; missing numbers count as 0. Ignores prefixes: see {@link comparable}. */
export function compareVersions(a: Version, b: Version): number {
  const length = Math.max(a.numbers.length, b.numbers.length);
  const order = compareNumbers(a.numbers, b.numbers, length);
  if (order !== 0 || a.suffix === b.suffix) return order;
  return a.suffix < b.suffix ? -1 : 1;
}

/**
 * Whether a phone that reports the one runs the other: phones tell less than images do, `12.0.7` of a load
 * `12.0.7MPP0201-66`. Texts that are no versions are compared as they are.
 */
export function sameRelease(reported: string, release: string): boolean {
  const [a, b] = [parseVersion(reported), parseVersion(release)];
  if (a === undefined || b === undefined) return reported === release;
  const same = compareNumbers(a.numbers, b.numbers, Math.max(a.numbers.length, b.numbers.length)) === 0;
  return same && (a.suffix === b.suffix || a.suffix === '' || b.suffix === '');
}

/** Whether "newer" means anything between two versions of prefixed (Yealink) firmware. */
export function comparable(a: Version, b: Version): boolean {
  return a.numbers[0] === b.numbers[0];
}

function compareNumbers(a: readonly number[], b: readonly number[], length: number, from = 0): number {
  for (let index = from; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function parsePattern(text: string): Pattern | undefined {
  const anyPrefix = /^XX\./i.test(text);
  const version = parseVersion(anyPrefix ? `0${text.slice(2)}` : text);
  if (version === undefined || version.suffix !== '') return undefined;
  return { anyPrefix, numbers: version.numbers };
}

/** Compares as many numbers as the pattern has, so that 6.4.8 is neither above nor below `6.4`. */
function comparePattern(version: Version, pattern: Pattern): number {
  return compareNumbers(version.numbers, pattern.numbers, pattern.numbers.length, pattern.anyPrefix ? 1 : 0);
}

function samePrefix(version: Version, pattern: Pattern): boolean {
  return pattern.anyPrefix || version.numbers[0] === pattern.numbers[0];
}

/** What a rule says of a version. A rule with a wrong pattern throws a `RangeError`: rules are checked when loaded. */
export function checkRule(version: Version, rule: FirmwareRule): RuleResult {
  const min = requirePattern(rule.min);
  if (!samePrefix(version, min)) return 'not-addressed';
  const branch = version.numbers[1] ?? 0;
  if (rule.branch !== undefined && (branch < rule.branch[0] || branch > rule.branch[1])) return 'not-addressed';
  if (comparePattern(version, min) < 0) return 'too-old';
  for (const exception of rule.except ?? []) {
    const pattern = requirePattern(exception);
    if (samePrefix(version, pattern) && comparePattern(version, pattern) === 0) return 'excepted';
  }
  if (rule.below !== undefined && comparePattern(version, requirePattern(rule.below)) >= 0) return 'too-new';
  return 'supported';
}

function requirePattern(text: string): Pattern {
  const pattern = parsePattern(text);
  if (pattern === undefined) throw new RangeError(`'${text}' is not a version pattern such as XX.84.0.10 or 6.4`);
  return pattern;
}

/** Whether a rule's text is one that {@link checkRule} and ranges understand. */
export function isVersionPattern(text: string): boolean {
  return parsePattern(text) !== undefined;
}

export type VersionRange = (version: string) => boolean;

const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
};

/**
 * Compiles a range: `<6.4`, `>=5.9.5`, `6.4` (all of 6.4), `!=XX.84.0.10`, several joined by commas (all must hold).
 * With `prefixed` (Yealink) a numeric first number binds the range to phones of that prefix. Returns `undefined` when
 * the text is not a range. A version that cannot be read is in no range.
 */
export function parseRange(text: string, options: { readonly prefixed?: boolean } = {}): VersionRange | undefined {
  const tests: ((version: Version) => boolean)[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(<=|>=|!=|<|>|==?)?\s*(\S+)\s*$/.exec(part);
    const pattern = parsePattern(match?.[2] ?? '');
    if (match === null || pattern === undefined) return undefined;
    const holds = OPERATORS[match[1] === '==' ? '=' : (match[1] ?? '=')];
    if (holds === undefined) return undefined;
    tests.push((version) => {
      if (options.prefixed === true && !samePrefix(version, pattern)) return match[1] === '!=';
      return holds(comparePattern(version, pattern));
    });
  }
  return (candidate) => {
    const version = parseVersion(candidate);
    return version !== undefined && tests.every((test) => test(version));
  };
}
