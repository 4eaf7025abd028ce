/** What a driver is made with: data that an administrator can extend (models) and what the package ships (parameters). */
import { readFileSync } from 'node:fs';
import type { ModelCatalogue } from '../domain/models.ts';
import { assetPath } from '../sdk/assets.ts';
import { type CatalogueFile, createCatalogue } from './catalogue.ts';
import type { Catalogue, Vendor } from './driver.ts';
import { isUpToDate } from './models.ts';

export interface Knowledge {
  readonly models: ModelCatalogue;
  readonly catalogue: Catalogue;
}

let files: Promise<Readonly<Record<Vendor, CatalogueFile>>> | undefined;
const catalogues = new Map<Vendor, Catalogue>();

/** The shipped parameter catalogue of a vendor, from `dist/catalogues.json` or from the YAML when run from source. */
export async function loadCatalogue(vendor: Vendor): Promise<Catalogue> {
  const known = catalogues.get(vendor);
  if (known !== undefined) return known;
  files ??= readFiles();
  const catalogue = createCatalogue((await files)[vendor]);
  catalogues.set(vendor, catalogue);
  return catalogue;
}

async function readFiles(): Promise<Readonly<Record<Vendor, CatalogueFile>>> {
  if (isUpToDate('catalogues'))
    return JSON.parse(readFileSync(assetPath('dist', 'catalogues.json'), 'utf8')) as Record<Vendor, CatalogueFile>;
  const { compileCatalogues } = await import('./compile.ts');
  return compileCatalogues(assetPath('templates'));
}
