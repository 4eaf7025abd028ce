/** Parameters in the files of a fleet folder: texts, and secrets by reference. */
import { nullish, record, strictObject, string, union } from 'valibot';
import type { Parameter } from '../../domain/effective.ts';
import type { OperationContext } from '../context.ts';
import type { StoredParameter } from '../ports/profiles.ts';
import { open } from '../profiles/parameters.ts';
import { checkParameters, type Rules } from '../profiles/validate.ts';
import type { FolderProblem, Problems } from './problems.ts';
import { HOME_SECRET, NOT_STORED, type SecretFinder } from './secrets.ts';

/** `name: text`, or `name: {secret: REFERENCE}`. */
export const parametersField = nullish(record(string(), union([string(), strictObject({ secret: string() })])), {});

export type GivenParameters = Readonly<Record<string, string | { readonly secret: string }>>;

export interface ReadOptions {
  readonly rules: Rules;
  /** The place of the secret of a parameter. */
  secretOf(parameter: string): string;
  /** Whether the fleet has a secret for it already: what `home:` then means. */
  isStored(parameter: string): boolean;
  readonly secrets: SecretFinder;
  readonly problems: Problems;
}

export interface ReadParameters {
  /** Without those of which the stored secret stays. */
  readonly parameters: readonly Parameter[];
  /** Of all, with the case of the catalogue, in the order of the file. */
  readonly names: ReadonlySet<string>;
}

interface Given {
  readonly value: { readonly parameters?: GivenParameters | null | undefined };
  place(...keys: readonly string[]): Pick<FolderProblem, 'file' | 'line' | 'column'>;
}

/** What is wrong goes to the problems, with its place. */
export function readParameters({ value, place }: Given, options: ReadOptions): ReadParameters {
  const { rules, secrets, problems } = options;
  const parameters: Parameter[] = [];
  const names = new Set<string>();
  for (const [written, given] of Object.entries(value.parameters ?? {})) {
    const at = place('parameters', written);
    const reject = (reason: string, remedy: string): void => problems.add({ ...at, reason, remedy });
    const found = typeof given === 'string' ? { value: given } : secrets.find(given.secret, options.secretOf(written));
    if ('reason' in found) {
      reject(found.reason, found.remedy);
      continue;
    }
    if ('keep' in found) {
      const name = rules.catalogue.find(written)?.name ?? written;
      names.add(name);
      if (!options.isStored(name)) reject(NOT_STORED.reason, NOT_STORED.remedy);
      continue;
    }
    // As in other files that exist already: what a catalogue does not know or take passes, with a warning.
    const checked = checkParameters(rules, [{ name: written, value: found.value }], { custom: true, lenient: true });
    for (const { reason, remedy } of checked.problems) reject(reason, remedy);
    const warn = (text: string): void => problems.warn(`${at.file}:${at.line}:${at.column}`, text);
    for (const { reason, remedy } of checked.warnings) warn(`${reason} ${remedy}`);
    for (const custom of checked.custom) {
      const near = rules.catalogue.suggest(custom, 2);
      warn(`No catalogue knows ${custom}.${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''}`);
    }
    const read = checked.parameters.map((parameter) =>
      typeof given === 'string' ? parameter : { ...parameter, secret: true },
    );
    if (typeof given === 'string' && given !== '' && read.some(({ secret }) => secret)) {
      warn(`The secret ${written} stands there for everybody to read; write it as {secret: "env:NAME"}.`);
    }
    for (const { name } of read) {
      if (names.has(name)) reject(`${name} stands there twice.`, 'Delete one of them.');
      names.add(name);
    }
    parameters.push(...read);
  }
  return { parameters, names };
}

/** The parameters in the order of the file; stored secrets that stay are opened, to be sealed for their new row. */
export function withStored(
  { parameters, names }: ReadParameters,
  owner: string,
  stored: readonly StoredParameter[],
  box: OperationContext['secrets'],
): readonly Parameter[] {
  const given = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const kept = stored.filter(([name]) => names.has(name) && !given.has(name));
  for (const parameter of open(owner, kept, box)) given.set(parameter.name, parameter);
  return [...names].flatMap((name) => given.get(name) ?? []);
}

/** As a file says them; what stands there for a secret goes into `sealed` when its text is known. */
export function writtenParameters(parameters: readonly StoredParameter[]): GivenParameters {
  // In their own order, which is that of the rendered file.
  return Object.fromEntries(
    parameters.map(([name, value]) => [name, typeof value === 'string' ? value : { secret: HOME_SECRET }]),
  );
}
