/** The drivers and how to get at them; the only way from outside into `vendors/`. */
import type { ModelCatalogue, ModelFile } from '../domain/models.ts';
import type { Catalogue, Driver, Identification, PhoneRequest, Vendor } from './driver.ts';
import { type Knowledge, loadCatalogue } from './knowledge.ts';
import { loadModels, type ModelHome } from './models.ts';
import type { ReadSchema } from './poly/schema.ts';

export { isSecretName } from './catalogue.ts';
export { loadCatalogue } from './knowledge.ts';
export { loadModels, type ModelHome } from './models.ts';
export { type OwnCatalogue, ownCataloguePath, readOwnCatalogue } from './own-catalogue.ts';
export { loadStandardProfiles, type StandardProfile, standardProfilesSignature } from './standard-profiles.ts';
export { CA_FILE } from './support.ts';

/** Checks the text of a model file. Throws `invalid_file` with line and column; `name` stands for the path in errors. */
export async function parseModelFile(text: string, name: string): Promise<ModelFile> {
  return (await import('./compile.ts')).parseModelFile(text, name);
}

/** Reads Poly's `polycomConfig.xsd`. Throws `invalid_file` with line and column; `name` stands for the path in errors. */
export async function readSchema(name: string, body: Uint8Array): Promise<ReadSchema> {
  return (await import('./poly/schema.ts')).readSchema(name, body);
}

/** All vendors that have a driver, in alphabetical order. */
export const VENDORS: readonly Vendor[] = ['cisco', 'poly', 'yealink'];

const LABELS: Readonly<Record<Vendor, string>> = { cisco: 'Cisco', poly: 'Poly', yealink: 'Yealink' };

/** The vendor's name for people, without loading its driver. */
export function vendorLabel(vendor: Vendor): string {
  return LABELS[vendor];
}

/** Catalogues stay the same objects until one of their files changes; the drivers made with them go with them. */
const drivers = new WeakMap<ModelCatalogue, WeakMap<Catalogue, Promise<Driver>>>();

/**
 * The driver of a vendor, loaded on first use. With `home`, its own model files and parameter catalogues count: ask
 * again now and then to notice that they changed (cheap: a few `stat` calls).
 */
export async function driverOf(vendor: Vendor, home?: ModelHome): Promise<Driver> {
  const [models, catalogue] = await Promise.all([loadModels(home), loadCatalogue(vendor, home)]);
  const known = drivers.get(models) ?? new WeakMap<Catalogue, Promise<Driver>>();
  drivers.set(models, known);
  let driver = known.get(catalogue);
  if (driver === undefined) {
    driver = create(vendor, { models, catalogue });
    known.set(catalogue, driver);
  }
  return driver;
}

/** All drivers, in the order of {@link VENDORS}. */
export async function allDrivers(home?: ModelHome): Promise<readonly Driver[]> {
  return Promise.all(VENDORS.map((vendor) => driverOf(vendor, home)));
}

/** Who asks: the best of all drivers' opinions. See {@link bestOf} for a hot path that holds its drivers. */
export async function identify(request: PhoneRequest, home?: ModelHome): Promise<Identification | undefined> {
  return bestOf(await allDrivers(home), request);
}

/** The identification with the highest score; ties go to the vendor whose name comes first. */
export function bestOf(candidates: readonly Driver[], request: PhoneRequest): Identification | undefined {
  let best: Identification | undefined;
  for (const driver of candidates) {
    const found = driver.identify(request);
    if (found === undefined) continue;
    const better =
      best === undefined || found.score > best.score || (found.score === best.score && found.vendor < best.vendor);
    if (better) best = found;
  }
  return best;
}

async function create(vendor: Vendor, knowledge: Knowledge): Promise<Driver> {
  switch (vendor) {
    case 'cisco':
      return (await import('./cisco/index.ts')).createCiscoDriver(knowledge);
    case 'poly':
      return (await import('./poly/index.ts')).createPolyDriver(knowledge);
    case 'yealink':
      return (await import('./yealink/index.ts')).createYealinkDriver(knowledge);
  }
}
