/** The drivers and how to get at them; the only way from outside into `vendors/`. */
import type { ModelCatalogue, ModelFile } from '../domain/models.ts';
import type { Driver, Identification, PhoneRequest, Vendor } from './driver.ts';
import { type Knowledge, loadCatalogue } from './knowledge.ts';
import { loadModels, type ModelHome } from './models.ts';

export { isSecretName } from './catalogue.ts';
export { loadCatalogue } from './knowledge.ts';
export { loadModels, type ModelHome } from './models.ts';
export { CA_FILE } from './support.ts';

/** Checks the text of a model file. Throws `invalid_file` with line and column; `name` stands for the path in errors. */
export async function parseModelFile(text: string, name: string): Promise<ModelFile> {
  return (await import('./compile.ts')).parseModelFile(text, name);
}

/** All vendors that have a driver, in alphabetical order. */
export const VENDORS: readonly Vendor[] = ['cisco', 'poly', 'yealink'];

const LABELS: Readonly<Record<Vendor, string>> = { cisco: 'Cisco', poly: 'Poly', yealink: 'Yealink' };

/** The vendor's name for people, without loading its driver. */
export function vendorLabel(vendor: Vendor): string {
  return LABELS[vendor];
}

/** A catalogue of models stays the same object until a model file changes; its drivers go with it. */
const drivers = new WeakMap<ModelCatalogue, Map<Vendor, Promise<Driver>>>();

/**
 * The driver of a vendor, loaded on first use. With `home`, its own model files count: ask again now and then to
 * notice that they changed (cheap: a few `stat` calls).
 */
export async function driverOf(vendor: Vendor, home?: ModelHome): Promise<Driver> {
  const models = await loadModels(home);
  const known = drivers.get(models) ?? new Map<Vendor, Promise<Driver>>();
  drivers.set(models, known);
  let driver = known.get(vendor);
  if (driver === undefined) {
    driver = create(vendor, models);
    known.set(vendor, driver);
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

async function create(vendor: Vendor, models: ModelCatalogue): Promise<Driver> {
  const knowledge: Knowledge = { models, catalogue: await loadCatalogue(vendor) };
  switch (vendor) {
    case 'cisco':
      return (await import('./cisco/index.ts')).createCiscoDriver(knowledge);
    case 'poly':
      return (await import('./poly/index.ts')).createPolyDriver(knowledge);
    case 'yealink':
      return (await import('./yealink/index.ts')).createYealinkDriver(knowledge);
  }
}
