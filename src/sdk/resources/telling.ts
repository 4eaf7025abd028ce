/** By which parameters a vendor's phones are told to fetch a resource of a kind (templates/resources.yaml). */
import type { Driver } from '../../vendors/driver.ts';
import { assetPath } from '../assets.ts';
import { PhonectlError } from '../errors.ts';
import type { ResourceRecord } from '../ports/files.ts';
import type { GivenFile } from '../ports/given-files.ts';
import type { Home } from '../ports/home.ts';
import { RESOURCE } from '../profiles/references.ts';

interface Telling {
  readonly vendor: string;
  readonly type: string;
  readonly set: Readonly<Record<string, string>>;
}

/** The fleet's own lines first, then the shipped ones. Throws `invalid_data` for a broken file. */
export async function loadTellings(home: Home): Promise<readonly Telling[]> {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const own = home.file('resources.yaml');
  const shipped = await readTellings(assetPath('templates', 'resources.yaml'));
  return existsSync(own) ? [...(await readTellings(own)), ...shipped] : shipped;
}

async function readTellings(file: string): Promise<readonly Telling[]> {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { parse } = await import('yaml');
  const document: unknown = parse(readFileSync(file, 'utf8'));
  const list =
    typeof document === 'object' && document !== null && 'resources' in document ? document.resources : undefined;
  if (Array.isArray(list) && list.every(isTelling)) return list;
  throw new PhonectlError('invalid_data', `${file} is no table of resources.`, {
    hints: ['It has a list `resources` of vendor, type and set; see templates/resources.yaml of phonectl.'],
  });
}

function isTelling(value: unknown): value is Telling {
  if (typeof value !== 'object' || value === null) return false;
  const { vendor, type, set } = value as Partial<Record<keyof Telling, unknown>>;
  if (typeof vendor !== 'string' || typeof type !== 'string' || typeof set !== 'object' || set === null) return false;
  return Object.values(set).every((each) => typeof each === 'string');
}

/** A resource that a task gives, and the parameter for it where the caller named one. */
export interface Wanted {
  readonly resource: ResourceRecord;
  readonly param?: string | undefined;
}

/** The parameters for this phone; a text says why it cannot be given the file (RES-03, RES-11). */
export function tell(
  tellings: readonly Telling[],
  driver: Driver,
  model: string | undefined,
  { resource, param }: Wanted,
): GivenFile['parameters'] | string {
  const { name, type, models, servedAs } = resource;
  if (models.length > 0 && (model === undefined || !models.includes(model))) {
    return `${name} is not for ${model === undefined ? 'a phone of unknown model' : `the ${model}`}`;
  }
  const address = `${RESOURCE}${name}`;
  if (param !== undefined) {
    const entry = driver.catalogue.find(param);
    return entry === undefined ? `${driver.label} phones know no ${param}` : [[entry.name, address]];
  }
  const telling = tellings.find((each) => each.vendor === driver.vendor && each.type === type);
  if (telling === undefined)
    return `it is not known how ${driver.label} phones are told to fetch a file of type ${type}`;
  return Object.entries(telling.set).map(([each, value]) => [
    each,
    value === '@' ? address : value.replaceAll('FILE', servedAs),
  ]);
}
