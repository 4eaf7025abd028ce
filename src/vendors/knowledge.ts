/** What a driver is made with: data that an administrator can extend (models) and what the package ships (parameters). */
import { readFileSync } from 'node:fs';
import type { ModelCatalogue } from '../domain/models.ts';
import { assetPath } from '../sdk/assets.ts';
import { type CatalogueFile, createCatalogue } from './catalogue.ts';
import type { Catalogue, Vendor } from './driver.ts';
import { isUpToDate, type ModelHome } from './models.ts';
import { mergeCatalogues, ownCataloguePath, readOwnCatalogue, stampOf } from './own-catalogue.ts';

export interface Knowledge {
  readonly models: ModelCatalogue;
  readonly catalogue: Catalogue;
}

let files: Promise<Readonly<Record<Vendor, CatalogueFile>>> | undefined;

interface Cached {
  readonly stamp: string;
  readonly catalogue: Catalogue;
}

/** By path of the home's own catalogue, or by vendor for the shipped one. */
const catalogues = new Map<string, Cached>();

/**
 * The parameter catalogue of a vendor: the shipped one, from `dist/catalogues.json` or from the YAML when run from
 * source, under what was uploaded to the home, if anything was. With `imageId`, what was uploaded for that firmware
 * image counts instead, when there is such (PROF-12). The same object until one of these changes.
 */
export async function loadCatalogue(vendor: Vendor, home?: ModelHome, imageId?: number): Promise<Catalogue> {
  files ??= readFiles();
  const shipped = (await files)[vendor];
  if (home === undefined) return cached(vendor, '', () => shipped);
  const forImage = imageId === undefined ? undefined : ownCataloguePath(home, vendor, imageId);
  const path = forImage !== undefined && stampOf(forImage) !== '' ? forImage : ownCataloguePath(home, vendor);
  const stamp = stampOf(path);
  if (stamp === '') return cached(vendor, '', () => shipped);
  return cached(path, stamp, () => mergeCatalogues(shipped, readOwnCatalogue(path)));
}

function cached(key: string, stamp: string, read: () => CatalogueFile): Catalogue {
  const known = catalogues.get(key);
  if (known !== undefined && known.stamp === stamp) return known.catalogue;
  const catalogue = createCatalogue(read());
  catalogues.set(key, { stamp, catalogue });
  return catalogue;
}

async function readFiles(): Promise<Readonly<Record<Vendor, CatalogueFile>>> {
  if (isUpToDate('catalogues'))
    return JSON.parse(readFileSync(assetPath('dist', 'catalogues.json'), 'utf8')) as Record<Vendor, CatalogueFile>;
  const { compileCatalogues } = await import('./compile.ts');
  return compileCatalogues(assetPath('templates'));
}
