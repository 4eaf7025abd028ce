/**
 * Parameter catalogues of a home: what was read from a schema that an administrator uploaded (PROF-12, PROF-15), laid
 * over the shipped one. The schema decides names, types, ranges and defaults; what it cannot know (which parameters are
 * secrets, what a change costs, what a parameter is for) stays as shipped, and so do names that it does not have.
 */
import { readFileSync, statSync } from 'node:fs';
import { type CatalogueData, type CatalogueFile, looksSecret } from './catalogue.ts';
import type { Vendor } from './driver.ts';
import type { ModelHome } from './models.ts';

/** A catalogue in a home's `catalogues` folder. */
export interface OwnCatalogue extends CatalogueFile {
  /** Name of the file that was uploaded. */
  readonly source: string;
  /** ISO 8601. */
  readonly uploadedAt: string;
  readonly sha256: string;
  /** Attributes of the schema, each member of a family counted. */
  readonly attributes: number;
}

/** Where a home keeps the catalogue of a vendor, or of one firmware image of it. */
export function ownCataloguePath(home: ModelHome, vendor: Vendor, imageId?: number): string {
  return home.file('catalogues', imageId === undefined ? `${vendor}.json` : `${vendor}-image-${imageId}.json`);
}

/** Changes whenever the file does; empty when there is none. */
export function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.mtimeMs} ${stat.size}`;
}

export function readOwnCatalogue(path: string): OwnCatalogue {
  return JSON.parse(readFileSync(path, 'utf8')) as OwnCatalogue;
}

/** The shipped catalogue with a home's own laid over it. */
export function mergeCatalogues(shipped: CatalogueFile, own: CatalogueFile): CatalogueFile {
  const merged = new Map(Object.entries(shipped.parameters).map((entry) => [entry[0].toLowerCase(), entry]));
  for (const [name, data] of Object.entries(own.parameters)) {
    const known = merged.get(name.toLowerCase())?.[1];
    merged.set(name.toLowerCase(), [name, mergeData(name, data, known)]);
  }
  return { vendor: shipped.vendor, parameters: Object.fromEntries(merged.values()) };
}

function mergeData(name: string, data: CatalogueData, known: CatalogueData | undefined): CatalogueData {
  const causes = known?.causes ?? data.causes;
  // Schemas give some passwords the type of an ordinary text.
  const secret = known?.secret || known?.type === 'password' || data.type === 'password' || looksSecret(name);
  const { default: standard, ...shape } = data;
  return {
    ...shape,
    ...(secret ? { secret } : standard !== undefined && { default: standard }),
    ...(causes !== undefined && { causes }),
    ...(known?.text !== undefined && { text: known.text }),
  };
}
