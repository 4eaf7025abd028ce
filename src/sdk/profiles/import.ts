/** Taking over real configuration files as profiles (PROF-13, PROF-14). */
import type { Driver, ParsedFile, Vendor } from '../../vendors/driver.ts';
import { driverOf } from '../../vendors/registry.ts';
import { type Bytes, readBytes } from '../bytes.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { openChange } from './changes.ts';
import { checkFileName, commitAll, requireEditable, type WriteOptions } from './edits.ts';
import { MASK, store } from './parameters.ts';
import { checkParameters, type ParameterProblem, rulesFor } from './validate.ts';
import { Workspace } from './workspace.ts';
import type { ProfileWritten } from './write.ts';

export interface ProfileImport extends WriteOptions {
  readonly source: Bytes;
  /** Name of the file, for messages and, without `profile`, as the profile's name. */
  readonly name: string;
  /** Profile to make, or to put the parameters into when it exists: what the file says wins (B-10). */
  readonly profile?: string | undefined;
  /** Found by what the file looks like when not given. */
  readonly vendor?: Vendor | undefined;
  /** Takes away what the profile holds and the file does not. */
  readonly replace?: boolean | undefined;
  /**
   * Takes over parameters that decide who holds the phone (security.md W-02). By default from every file but those that
   * phones write themselves.
   */
  readonly protected?: boolean | undefined;
}

/** Something worth knowing, with its place in the file. */
export interface ImportRemark {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface ProfileImported extends ProfileWritten {
  readonly vendor: Vendor;
  readonly created: boolean;
  /** Parameters that were taken over. */
  readonly parameters: number;
  readonly remarks: readonly ImportRemark[];
  /** Files that this one refers to; they are not read. */
  readonly references: readonly string[];
}

const LARGEST = 8 * 1024 * 1024;

/** Throws `invalid_file` with line and column, `invalid_data` for what may not be, `too_large`. */
export async function importProfile(context: OperationContext, input: ProfileImport): Promise<ProfileImported> {
  const body = await readBytes(input.source, LARGEST, input.name);
  const name = input.profile ?? input.name.replace(/^.*[/\\]/, '').replace(/\.(?:cfg|xml|boot|txt|gz)$/i, '');
  const existing = await existingProfile(context, name, input.change);
  const vendor = input.vendor ?? (existing?.vendor as Vendor | undefined) ?? vendorOf(body);
  if (existing !== undefined) requireFits(existing, vendor);
  else checkFileName(name);

  const driver = await driverOf(vendor, context.home);
  const file = driver.parse(input.name, body);
  if (input.vendor === undefined && existing === undefined) requireParametersOf(driver, file, input.name);
  const remarks: ImportRemark[] = [...file.warnings];
  const chosen = choose(driver, file, input, remarks);
  const checked = checkParameters(await rulesFor(context, vendor, existing?.imageId), chosen, {
    custom: true,
    lenient: true,
  });
  if (checked.problems.length > 0) throw refused(input.name, file, checked.problems);
  remarks.push(...checked.warnings.map(({ param, reason }) => ({ ...placeOf(file, param), message: reason })));

  const uid = existing?.uid ?? crypto.randomUUID();
  const parameters = store(`profile:${uid}`, checked.parameters, context.secrets);
  const kept = new Set(parameters.map(([parameter]) => parameter));
  const gone = input.replace ? (existing?.parameters ?? []).map(([old]) => old).filter((old) => !kept.has(old)) : [];
  const result = await commitAll(context, `profile:${name}`, input, () => [
    existing === undefined
      ? {
          kind: 'profile.add',
          uid,
          name,
          vendor,
          type: 'user',
          description: `From ${input.name}`,
          models: [],
          imageId: null,
          parameters,
        }
      : { kind: 'profile.set', profile: uid, set: parameters, unset: gone },
  ]);
  return {
    ...result,
    profile: name,
    vendor,
    created: existing === undefined,
    parameters: parameters.length,
    custom: checked.custom,
    remarks: remarks.sort((a, b) => a.line - b.line || a.column - b.column),
    references: file.references,
  };
}

async function existingProfile(context: OperationContext, name: string, change: string | undefined) {
  const workspace =
    change === undefined
      ? await Workspace.load(context.read.profiles)
      : await openChange(context, await context.read.changes.find(change));
  const found = workspace.byName(name);
  if (found !== undefined) requireEditable(found);
  return found;
}

function requireFits({ name, vendor }: { readonly name: string; readonly vendor: string }, file: Vendor): void {
  if (vendor === file) return;
  throw new PhonectlError('conflict', `The file is for ${file} phones, the profile "${name}" for ${vendor} phones.`, {
    hints: ['Import it into a profile of its own.'],
  });
}

/** By what a file begins with: gzip and flat profiles are Cisco's, other XML is Poly's, lines are Yealink's. */
function vendorOf(body: Uint8Array): Vendor {
  if (body[0] === 0x1f && body[1] === 0x8b) return 'cisco';
  const head = Buffer.from(body.subarray(0, 65_536)).toString('latin1').replaceAll('\0', '');
  if (!/^[^\w#<]*</.test(head)) return 'yealink';
  return /<flat-profile\b/i.test(head) ? 'cisco' : 'poly';
}

/** Every XML document has attributes; one that holds no parameter of a phone is something else. */
function requireParametersOf(driver: Driver, { parameters }: ParsedFile, name: string): void {
  if (parameters.some((parameter) => parameter.name.includes('.') || driver.catalogue.find(parameter.name))) return;
  throw new PhonectlError(
    'invalid_file',
    `${name}, line 1, column 1: it holds no parameter of ${driver.label} phones.`,
    {
      hints: ['If it is a configuration all the same, say of which vendor: --vendor poly, yealink or cisco.'],
      details: { file: name, line: 1, column: 1 },
    },
  );
}

/** Leaves out what is not to be taken over, and says so. */
function choose(
  driver: Driver,
  { parameters }: ParsedFile,
  { name, protected: wanted }: ProfileImport,
  remarks: ImportRemark[],
): ParsedFile['parameters'] {
  const byPhone = driver.overrides.some(({ upload }) => name.toLowerCase().endsWith(upload));
  return parameters.filter((parameter) => {
    const { line, column } = parameter;
    if (parameter.secret && STARS.has(parameter.value)) {
      remarks.push({ line, column, message: `${parameter.name} was masked when it was exported, and was left out` });
      return false;
    }
    if (!driver.isProtected(parameter.name) || (wanted ?? !byPhone)) return true;
    remarks.push({
      line,
      column,
      message: `${parameter.name} decides who holds the phone; it was left out (--protected takes it over)`,
    });
    return false;
  });
}

const STARS: ReadonlySet<string> = new Set([MASK, '********']);

function placeOf({ parameters }: ParsedFile, name: string): { line: number; column: number } {
  const found = parameters.find((parameter) => parameter.name.toLowerCase() === name.toLowerCase());
  return { line: found?.line ?? 1, column: found?.column ?? 1 };
}

function refused(name: string, file: ParsedFile, problems: readonly ParameterProblem[]): PhonectlError {
  const errors = problems.map(({ param, reason, remedy }) => ({ ...placeOf(file, param), param, reason, remedy }));
  const [first] = errors;
  const rest = errors.length > 1 ? ` And ${errors.length - 1} more.` : '';
  return new PhonectlError(
    'invalid_data',
    `${name}, line ${first?.line}, column ${first?.column}: ${first?.reason}${rest}`,
    { hints: [...new Set(problems.map(({ remedy }) => remedy))], details: { file: name, errors } },
  );
}
