/** The table of known flaws in firmware, and what it says of one phone (security.md A3, F-31). */
import type { Model } from '../../domain/models.ts';
import { compareVersions, parseVersion } from '../../domain/version.ts';
import { assetPath } from '../assets.ts';
import { PhonectlError } from '../errors.ts';
import type { Home } from '../ports/home.ts';

export type Severity = 'critical' | 'high' | 'medium' | 'low';

interface Affected {
  /** `*` for all of the vendor. */
  readonly families?: readonly string[];
  readonly models?: readonly string[];
  /** First version without the flaw, by branch; `*` for every branch that is not named. */
  readonly fixed?: Readonly<Record<string, string>>;
  /** Versions from here on do not have it. */
  readonly below?: string;
}

export interface Advisory {
  readonly id: string;
  readonly bulletin?: string;
  readonly severity: Severity;
  readonly vendor: string;
  readonly title: string;
  readonly affects: readonly Affected[];
}

export interface AdvisoryTable {
  /** Day on which somebody last looked for new ones. */
  readonly checked: string;
  readonly advisories: readonly Advisory[];
}

/** `unknown`: the table does not say for this version; never to be read as safe. */
export type Verdict = 'vulnerable' | 'fixed' | 'unknown' | 'not-affected';

export interface Finding {
  readonly advisory: Advisory;
  readonly verdict: Verdict;
  /** First version without the flaw; `null` where none is known. */
  readonly fixed: string | null;
}

/** The shipped table, with what the home adds to it or replaces. Throws `invalid_data` for a broken file. */
export async function loadAdvisories(home: Home): Promise<AdvisoryTable> {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const shipped = await readTable(assetPath('templates', 'advisories.yaml'));
  const own = home.file('advisories.yaml');
  if (!existsSync(own)) return shipped;
  const added = await readTable(own);
  const byId = new Map([...shipped.advisories, ...added.advisories].map((advisory) => [advisory.id, advisory]));
  return { checked: added.checked, advisories: [...byId.values()] };
}

async function readTable(path: string): Promise<AdvisoryTable> {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { parse } = await import('yaml');
  const table: unknown = parse(readFileSync(path, 'utf8'));
  if (isTable(table)) return table;
  throw new PhonectlError('invalid_data', `${path} is no table of advisories.`, {
    hints: ['It has `checked` and a list of `advisories`; see templates/advisories.yaml of phonectl.'],
  });
}

function isTable(value: unknown): value is AdvisoryTable {
  if (typeof value !== 'object' || value === null || !('advisories' in value) || !('checked' in value)) return false;
  const { advisories, checked } = value;
  return typeof checked === 'string' && Array.isArray(advisories) && advisories.every(isAdvisory);
}

function isAdvisory(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { id, severity, vendor, title, affects } = value as Partial<Record<keyof Advisory, unknown>>;
  return [id, severity, vendor, title].every((text) => typeof text === 'string') && Array.isArray(affects);
}

/** What the table says of a phone; nothing of advisories that are not about its model. */
export function findingsFor(table: AdvisoryTable, model: Model, firmware: string | null): readonly Finding[] {
  return table.advisories.flatMap((advisory) => {
    const affected = advisory.vendor === model.vendor ? about(advisory, model) : undefined;
    return affected === undefined ? [] : [{ advisory, ...judge(affected, model, firmware) }];
  });
}

/** A line about the model itself counts before one about its family. */
function about({ affects }: Advisory, { name, family }: Model): Affected | undefined {
  return (
    affects.find(({ models }) => models?.includes(name)) ??
    affects.find(
      ({ models, families }) => models === undefined && (families ?? []).some((f) => f === family || f === '*'),
    )
  );
}

function judge({ fixed, below }: Affected, model: Model, firmware: string | null): Omit<Finding, 'advisory'> {
  const running = firmware === null ? undefined : parseVersion(firmware);
  const branch = String(running?.numbers[model.vendor === 'yealink' ? 1 : 0] ?? '');
  const wanted = fixed?.[branch] ?? fixed?.['*'] ?? null;
  if (running === undefined) return { verdict: 'unknown', fixed: wanted };
  const end = below === undefined ? undefined : parseVersion(below);
  if (end !== undefined && compareVersions(running, end) >= 0) return { verdict: 'not-affected', fixed: wanted };
  const first = wanted === null ? undefined : parseVersion(wanted);
  if (first === undefined) return { verdict: 'unknown', fixed: wanted };
  return { verdict: compareVersions(running, first) < 0 ? 'vulnerable' : 'fixed', fixed: wanted };
}
