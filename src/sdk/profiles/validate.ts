/** Checks parameters against the vendor's catalogue before they enter a profile (VAL-15, PROF-13, PROF-14). */
import type { Parameter } from '../../domain/effective.ts';
import { excerpt } from '../../domain/text.ts';
import type { Catalogue, CatalogueEntry, Driver, Vendor } from '../../vendors/driver.ts';
import { allDrivers, driverOf, isSecretName, loadCatalogue } from '../../vendors/registry.ts';
import type { OperationContext } from '../context.ts';
import { isPhonectlError, PhonectlError } from '../errors.ts';
import { RESOURCE } from './references.ts';

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

/** What parameters of a vendor are held against. */
export interface Rules {
  readonly driver: Driver;
  /** That of the firmware image when the profile names one and its schema was uploaded (PROF-12). */
  readonly catalogue: Catalogue;
  /** The other vendors' catalogues, to recognise what was meant for them. */
  readonly others: readonly Driver[];
}

export async function rulesFor(
  { home }: Pick<OperationContext, 'home'>,
  vendor: Vendor,
  imageId?: number | null,
): Promise<Rules> {
  const drivers = await allDrivers(home);
  return {
    driver: await driverOf(vendor, home),
    catalogue: await loadCatalogue(vendor, home, imageId ?? undefined),
    others: drivers.filter((driver) => driver.vendor !== vendor),
  };
}

export interface CheckedParameters {
  /** With the case of the catalogue and the secrets marked. */
  readonly parameters: readonly Parameter[];
  /** Names that no catalogue knows and that were let through. */
  readonly custom: readonly string[];
  readonly problems: readonly ParameterProblem[];
  /** What is let through although the catalogue does not agree: only with `lenient`. */
  readonly warnings: readonly ParameterProblem[];
}

export interface CheckOptions {
  /** Lets names pass that the catalogue does not know; they are never checked further (PROF-14). */
  readonly custom?: boolean | undefined;
  /** For files that exist: what the catalogue does not take is a warning, since phones may know better. */
  readonly lenient?: boolean | undefined;
}

/** Looks at all of them and collects what is wrong. */
export function checkParameters(
  rules: Rules,
  given: readonly GivenParameter[],
  options: CheckOptions = {},
): CheckedParameters {
  const parameters: Parameter[] = [];
  const custom: string[] = [];
  const problems: ParameterProblem[] = [];
  const warnings: ParameterProblem[] = [];
  for (const one of given) {
    const entry = rules.catalogue.find(one.name);
    const name = entry?.name ?? one.name;
    // In Yealink's files this literal empties a parameter; here the empty text does (yealink.md A3).
    const value = one.value === '%NULL%' ? '' : one.value;
    const secret = isSecretName(rules.catalogue, name);
    const parameter: Parameter = secret ? { name, value, secret } : { name, value };
    const problem =
      refusal(rules.driver, parameter) ??
      (entry === undefined ? unknown(rules, name, options) : undefined) ??
      (secret && one.exposed && value !== '' ? overheard(name) : undefined) ??
      (entry === undefined ? undefined : forbidden(entry, value));
    if (problem !== undefined) {
      problems.push(problem);
      continue;
    }
    const mismatch = entry === undefined ? undefined : wrongValue(entry, rules.driver.vendor, value);
    if (mismatch !== undefined) (options.lenient ? warnings : problems).push(mismatch);
    if (entry === undefined) custom.push(name);
    parameters.push(parameter);
  }
  return { parameters, custom, problems, warnings };
}

/** The same, throwing one `invalid_input` that names every problem. */
export function requireParameters(
  rules: Rules,
  given: readonly GivenParameter[],
  options: CheckOptions = {},
): CheckedParameters {
  const checked = checkParameters(rules, given, options);
  if (checked.problems.length === 0) return checked;
  throw new PhonectlError('invalid_input', checked.problems.map(({ reason }) => reason).join(' '), {
    hints: [...new Set(checked.problems.map(({ remedy }) => remedy))],
    details: { problems: checked.problems },
  });
}

/** What the vendor's files cannot carry must not enter a profile: no phone that it reaches could be served. */
function refusal(driver: Driver, parameter: Parameter): ParameterProblem | undefined {
  if (parameter.value.startsWith(RESOURCE)) return undefined;
  try {
    driver.document([parameter]);
    return undefined;
  } catch (error) {
    if (!isPhonectlError(error) || error.code !== 'invalid_input') throw error;
    const remedy = error.hints[0] ?? 'Write NAME=VALUE with the name as in the vendor’s manual.';
    return { param: excerpt(parameter.name), reason: error.message, remedy };
  }
}

/**
 * Attributes of Poly's master file that administrators may make up (PROF-27), and those for one model, such as
 * APP_FILE_PATH_VVX500 (poly.md C.2).
 */
const MASTER_OWN = /^(?:_mac_cfg|(?:APP_FILE_PATH|CONFIG_FILES|MISC_FILES|[A-Z_]+_DIRECTORY)_[A-Za-z0-9]{2,20}$)/;

function unknown(
  { driver, catalogue, others }: Rules,
  name: string,
  options: CheckOptions,
): ParameterProblem | undefined {
  if (options.custom || (driver.vendor === 'poly' && MASTER_OWN.test(name))) return undefined;
  // What is written beside a parameter: who may see it at a Cisco phone, whether it counts on a Poly phone.
  const beside = /^(.+)(?:@ua|\.set)$/.exec(name)?.[1];
  if (beside !== undefined && catalogue.find(beside) !== undefined) return undefined;
  const other = others.find((candidate) => candidate.catalogue.find(name) !== undefined);
  if (other !== undefined) {
    return {
      param: name,
      reason: `${name} is a parameter of ${other.label} phones; the profile is for ${driver.label} phones.`,
      remedy: `Put it into a profile for ${other.label}: phonectl profile add NAME --vendor ${other.vendor}`,
    };
  }
  const near = catalogue.suggest(name, 3);
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

function wrongValue(entry: CatalogueEntry, vendor: Vendor, value: string): ParameterProblem | undefined {
  // An empty value means "use the default" on Poly and empties the parameter on the others (poly.md C.5, yealink.md A3).
  if (value === '' || value.startsWith(RESOURCE)) return undefined;
  const must = mismatch(entry, vendor, value);
  if (must === undefined) return undefined;
  const shown = entry.secret ? '' : `, not "${excerpt(value)}"`;
  return {
    param: entry.name,
    reason: `${entry.name} must be ${must}${shown}.`,
    remedy: `${meaning(entry)}See what it takes: phonectl profile catalog show ${entry.name}`,
  };
}

/** What the values of an enumeration mean, as a sentence. */
function meaning({ values, description }: CatalogueEntry): string {
  return values === undefined || description === undefined ? '' : `${description.replace(/\.$/, '')}. `;
}

/** VAL-15: the factory's admin password is refused wherever it could be set. */
const ADMIN_PASSWORD =
  /^(?:device\.auth\.localAdminPassword|static\.security\.user_password|security\.user_password|Admin_Passw(?:or)?d)$/i;

function forbidden({ name }: CatalogueEntry, value: string): ParameterProblem | undefined {
  if (!ADMIN_PASSWORD.test(name) || (value !== '456' && value !== 'admin:456')) return undefined;
  return {
    param: name,
    reason: `${name} may not be 456, the password of every new phone (VAL-15).`,
    remedy: 'Choose another password; phonectl makes one for each device by itself.',
  };
}

/** What the value must be, when it is not. */
function mismatch({ type, min, max, values }: CatalogueEntry, vendor: Vendor, value: string): string | undefined {
  if (values !== undefined && values.length > 0) {
    // Cisco's phones take yes for Yes, and so does everybody who writes files for them.
    const same = (one: string): boolean =>
      one === value || (type === 'boolean' && one.toLowerCase() === value.toLowerCase());
    return values.some(same) ? undefined : `one of ${values.join(', ')}`;
  }
  if (type === 'boolean') {
    // Poly's schema takes the words too (poly.md D.2); a Yealink phone would not understand them.
    const pattern = vendor === 'poly' ? /^(?:[01]|true|false)$/i : /^[01]$/;
    return pattern.test(value) ? undefined : '0 or 1';
  }
  if (type === 'integer') {
    const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
    const inside = number >= (min ?? Number.NEGATIVE_INFINITY) && number <= (max ?? Number.POSITIVE_INFINITY);
    return inside ? undefined : `a whole number${range(min, max)}`;
  }
  const length = [...value].length;
  const fits = length >= (min ?? 0) && length <= (max ?? Number.POSITIVE_INFINITY);
  return fits ? undefined : `a text${range(min, max)} characters long`;
}

function range(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}
