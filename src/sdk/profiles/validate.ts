/** Checks parameters against the vendor's catalogue before they enter a profile (VAL-15, PROF-13, PROF-14). */
import type { Parameter } from '../../domain/effective.ts';
import { excerpt } from '../../domain/text.ts';
import type { CatalogueEntry, Driver } from '../../vendors/driver.ts';
import { isSecretName } from '../../vendors/registry.ts';
import { PhonectlError } from '../errors.ts';

export interface GivenParameter {
  readonly name: string;
  readonly value: string;
  /** True when others could read the value on its way here, as on a command line: a secret is then refused. */
  readonly exposed?: boolean | undefined;
}

export interface ParameterProblem {
  readonly param: string;
  readonly reason: string;
  readonly remedy: string;
}

export interface CheckedParameters {
  /** With the case of the catalogue and the secrets marked. */
  readonly parameters: readonly Parameter[];
  /** Names that no catalogue knows and that were let through. */
  readonly custom: readonly string[];
  readonly problems: readonly ParameterProblem[];
}

export interface CheckOptions {
  /** Lets names pass that the catalogue does not know; they are never checked further (PROF-14). */
  readonly custom?: boolean | undefined;
}

/** Looks at all of them and collects what is wrong. */
export function checkParameters(
  driver: Driver,
  given: readonly GivenParameter[],
  options: CheckOptions = {},
): CheckedParameters {
  const parameters: Parameter[] = [];
  const custom: string[] = [];
  const problems: ParameterProblem[] = [];
  for (const { name, value, exposed } of given) {
    const entry = driver.catalogue.find(name);
    const written = entry?.name ?? name;
    const secret = isSecretName(driver.catalogue, name);
    const problem =
      (entry === undefined ? unknown(driver, name, options) : undefined) ??
      (secret && exposed && value !== '' ? overheard(written) : undefined) ??
      (entry === undefined ? undefined : wrongValue(entry, value));
    if (problem !== undefined) {
      problems.push(problem);
      continue;
    }
    if (entry === undefined) custom.push(name);
    parameters.push(secret ? { name: written, value, secret } : { name: written, value });
  }
  return { parameters, custom, problems };
}

/** The same, throwing one `invalid_input` that names every problem. */
export function requireParameters(
  driver: Driver,
  given: readonly GivenParameter[],
  options: CheckOptions = {},
): CheckedParameters {
  const checked = checkParameters(driver, given, options);
  if (checked.problems.length === 0) return checked;
  throw new PhonectlError('invalid_input', checked.problems.map(({ reason }) => reason).join(' '), {
    hints: [...new Set(checked.problems.map(({ remedy }) => remedy))],
    details: { problems: checked.problems },
  });
}

/** The vendor's shape of a parameter name: dotted, or Cisco's words with underscores. */
const SHAPE = /^[A-Za-z_][\w.${}-]*$/;

/**
 * Attributes of Poly's master file that administrators may make up (PROF-27), and those for one model, such as
 * APP_FILE_PATH_VVX500 (poly.md C.2).
 */
const MASTER_OWN = /^(?:_mac_cfg|(?:APP_FILE_PATH|CONFIG_FILES|MISC_FILES|[A-Z_]+_DIRECTORY)_[A-Za-z0-9]{2,20}$)/;

function unknown(driver: Driver, name: string, options: CheckOptions): ParameterProblem | undefined {
  if (!SHAPE.test(name) || name.length > 256) {
    const reason = `"${excerpt(name)}" cannot be the name of a parameter.`;
    return { param: excerpt(name), reason, remedy: 'Write NAME=VALUE with the name as in the vendor’s manual.' };
  }
  if (options.custom || (driver.vendor === 'poly' && MASTER_OWN.test(name))) return undefined;
  const near = driver.catalogue.suggest(name, 3);
  return {
    param: name,
    reason: `${driver.label} phones have no parameter ${name} that phonectl knows.`,
    remedy:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}? If the name is right, give --custom.`
        : 'If the name is right, give --custom.',
  };
}

function overheard(name: string): ParameterProblem {
  return {
    param: name,
    reason: `${name} is a secret, and a secret is not taken from the command line: every user of this machine could read it there.`,
    remedy: `Give ${name}=@file:FILE, ${name}=@stdin, or ${name}=@ask on a terminal.`,
  };
}

function wrongValue(entry: CatalogueEntry, value: string): ParameterProblem | undefined {
  // An empty value means "use the default" on Poly and "leave" on Yealink (poly.md C.5, yealink.md A3).
  if (value === '' || value === '%NULL%' || value.startsWith('@resource:')) return undefined;
  const reason = forbidden(entry, value) ?? mismatch(entry, value);
  if (reason === undefined) return undefined;
  const shown = entry.secret ? '' : ` not "${excerpt(value)}"`;
  return { param: entry.name, reason: `${entry.name} ${reason}${shown && `,${shown}`}.`, remedy: remedy(entry) };
}

/** VAL-15: the factory's admin password is refused wherever it could be set. */
const ADMIN_PASSWORD =
  /^(?:device\.auth\.localAdminPassword|static\.security\.user_password|security\.user_password|Admin_Passw(?:or)?d)$/i;

function forbidden(entry: CatalogueEntry, value: string): string | undefined {
  if (!ADMIN_PASSWORD.test(entry.name)) return undefined;
  return value === '456' || value === 'admin:456'
    ? 'may not be 456, the password of every new phone (VAL-15)'
    : undefined;
}

function mismatch(entry: CatalogueEntry, value: string): string | undefined {
  const { type, min, max } = entry;
  if (type === 'boolean') return /^(?:[01]|true|false|yes|no)$/i.test(value) ? undefined : 'is 0 or 1';
  if (type === 'enum') return entry.values?.includes(value) ? undefined : `is one of ${entry.values?.join(', ')}`;
  if (type === 'integer') {
    const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
    const inside = number >= (min ?? Number.NEGATIVE_INFINITY) && number <= (max ?? Number.POSITIVE_INFINITY);
    return inside ? undefined : `is a whole number${range(min, max)}`;
  }
  const length = [...value].length;
  if (length < (min ?? 0) || length > (max ?? Number.POSITIVE_INFINITY))
    return `is a text${range(min, max)} characters long`;
  return undefined;
}

function range(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

function remedy(entry: CatalogueEntry): string {
  return `See what it takes: phonectl profile catalog show ${entry.name}`;
}
