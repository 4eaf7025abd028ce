/** Parameter catalogues: looking things up, and schemas that administrators upload (PROF-12, PROF-15, VAL-17). */
import { excerpt } from '../../domain/text.ts';
import type { Catalogue, CatalogueEntry, Vendor } from '../../vendors/driver.ts';
import {
  loadCatalogue,
  type OwnCatalogue,
  ownCataloguePath,
  readOwnCatalogue,
  readSchema,
  VENDORS,
  vendorLabel,
} from '../../vendors/registry.ts';
import { type Bytes, readBytes } from '../bytes.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { notFound } from '../missing.ts';
import { imagesOf, requireImage } from '../profiles/images.ts';
import { isSystemError } from '../system-error.ts';

/** A parameter as a catalogue describes it. */
export interface CatalogParameter {
  readonly name: string;
  readonly vendor: Vendor;
  readonly type: CatalogueEntry['type'];
  /** Bounds of a number's value, or of a text's length. */
  readonly min: number | null;
  readonly max: number | null;
  readonly values: readonly string[];
  readonly default: string | null;
  /** What a phone does when it gets a new value; null when nobody knows. */
  readonly causes: 'nothing' | 'restart' | 'reboot' | null;
  readonly secret: boolean;
  readonly models: readonly string[];
  readonly firmware: string | null;
  readonly description: string;
}

export interface CatalogQuery {
  readonly text: string;
  readonly vendor?: Vendor | undefined;
}

/** Parameters whose name or description holds every word of the text; names come before descriptions. */
export async function* searchCatalogs(
  context: OperationContext,
  { text, vendor }: CatalogQuery,
): AsyncGenerator<CatalogParameter> {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const wanted of vendor === undefined ? VENDORS : [vendor]) {
    const inDescription: CatalogueEntry[] = [];
    for (const entry of (await loadCatalogue(wanted, context.home)).entries()) {
      const name = entry.name.toLowerCase();
      const all = `${name} ${entry.description?.toLowerCase() ?? ''}`;
      if (!words.every((word) => all.includes(word))) continue;
      if (words.every((word) => name.includes(word))) yield view(entry, wanted);
      else inDescription.push(entry);
    }
    for (const entry of inDescription) yield view(entry, wanted);
  }
}

/** What the catalogues say of a name; of several vendors when several know it. Throws `not_found` with what is near. */
export async function showParameter(
  context: OperationContext,
  { name, vendor }: { readonly name: string; readonly vendor?: Vendor | undefined },
): Promise<readonly CatalogParameter[]> {
  const vendors = vendor === undefined ? VENDORS : [vendor];
  const catalogues = await Promise.all(
    vendors.map(async (each): Promise<[Vendor, Catalogue]> => [each, await loadCatalogue(each, context.home)]),
  );
  const found = catalogues.flatMap(([each, catalogue]) => {
    const entry = catalogue.find(name);
    return entry === undefined ? [] : [view(entry, each)];
  });
  if (found.length > 0) return found;
  throw notFound(
    'parameter',
    name,
    catalogues.flatMap(([, catalogue]) => catalogue.suggest(name, 3)),
  );
}

function view(entry: CatalogueEntry, vendor: Vendor): CatalogParameter {
  return {
    name: entry.name,
    vendor,
    type: entry.type,
    min: entry.min ?? null,
    max: entry.max ?? null,
    values: entry.values ?? [],
    default: entry.default ?? null,
    causes: entry.causes ?? null,
    secret: entry.secret,
    models: entry.models ?? [],
    firmware: entry.firmware ?? null,
    description: entry.description ?? '',
  };
}

export interface CatalogRow {
  readonly vendor: Vendor;
  /** Name of the firmware image whose profiles it is for; null for all others. */
  readonly software: string | null;
  /** The uploaded file; null where only the shipped catalogue counts. */
  readonly source: string | null;
  /** Names and families that are known. */
  readonly parameters: number;
  /** ISO 8601. */
  readonly uploadedAt: string | null;
}

export async function* listCatalogs(context: OperationContext): AsyncGenerator<CatalogRow> {
  for (const vendor of VENDORS) {
    const own = ownOf(context, vendor);
    yield await row(context, vendor, own, null);
    for (const { imageId, name } of imagesOf(await context.read.profiles.profiles())) {
      const schema = ownOf(context, vendor, imageId);
      if (schema !== undefined) yield await row(context, vendor, schema, name, imageId);
    }
  }
}

async function row(
  { home }: OperationContext,
  vendor: Vendor,
  own: OwnCatalogue | undefined,
  software: string | null,
  imageId?: number,
): Promise<CatalogRow> {
  const parameters = [...(await loadCatalogue(vendor, home, imageId)).entries()].length;
  return { vendor, software, source: own?.source ?? null, parameters, uploadedAt: own?.uploadedAt ?? null };
}

function ownOf({ home }: OperationContext, vendor: Vendor, imageId?: number): OwnCatalogue | undefined {
  const path = ownCataloguePath(home, vendor, imageId);
  return process.getBuiltinModule('node:fs').existsSync(path) ? readOwnCatalogue(path) : undefined;
}

async function imageOf(context: OperationContext, software: string | undefined): Promise<number | undefined> {
  return software === undefined ? undefined : (await requireImage(context, software)).imageId;
}

export interface SchemaUpload {
  readonly source: Bytes;
  /** Name of the file, for messages and for the list. */
  readonly name: string;
  readonly software?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

export interface UploadedCatalog {
  readonly vendor: Vendor;
  readonly software: string | null;
  readonly source: string;
  /** Attributes in the schema. */
  readonly attributes: number;
  /** Names and families that they make. */
  readonly parameters: number;
  /** How many of these the catalogue did not know before. */
  readonly added: number;
}

/** The schema of Poly's firmware is 3.6 MB. */
const LARGEST = 16 * 1024 * 1024;

/** Reads `polycomConfig.xsd` and lets it count from now on. Throws `invalid_file` with line and column, `too_large`. */
export async function uploadSchema(context: OperationContext, input: SchemaUpload): Promise<UploadedCatalog> {
  const { mkdirSync, renameSync, rmSync, writeFileSync } = process.getBuiltinModule('node:fs');
  const { createHash, randomUUID } = process.getBuiltinModule('node:crypto');
  const imageId = await imageOf(context, input.software);
  const source = excerpt(input.name, 200);
  const body = await readBytes(input.source, LARGEST, source);
  const schema = await readSchema(source, body);
  const before = await loadCatalogue('poly', context.home, imageId);
  const names = Object.keys(schema.parameters);
  const result: UploadedCatalog = {
    vendor: 'poly',
    software: input.software ?? null,
    source,
    attributes: schema.attributes,
    parameters: names.length,
    added: names.filter((name) => before.find(name) === undefined).length,
  };
  if (input.dryRun) return result;
  const own: OwnCatalogue = {
    ...schema,
    source,
    uploadedAt: new Date(context.clock.now()).toISOString(),
    sha256: createHash('sha256').update(body).digest('hex'),
  };
  const path = ownCataloguePath(context.home, 'poly', imageId);
  const temporary = `${path}.${randomUUID()}.new`;
  try {
    mkdirSync(context.home.file('catalogues'), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, JSON.stringify(own), { mode: 0o600 });
    await context.write(async () => {
      renameSync(temporary, path);
      const { attributes, sha256 } = own;
      return [
        undefined,
        { object: objectOf('poly', input.software), result: 'done', details: { source, attributes, sha256 } },
      ];
    });
  } catch (error) {
    if (!isSystemError(error, 'ENOSPC', 'EDQUOT')) throw error;
    throw new PhonectlError('disk_full', 'There is no space left for the catalogue.', { cause: error });
  } finally {
    rmSync(temporary, { force: true });
  }
  return result;
}

export interface CatalogReset {
  readonly vendor: Vendor;
  readonly software?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** Takes an uploaded schema away; the shipped catalogue counts again. */
export async function resetCatalog(context: OperationContext, input: CatalogReset): Promise<CatalogReset> {
  const imageId = await imageOf(context, input.software);
  const own = ownOf(context, input.vendor, imageId);
  const label = `${vendorLabel(input.vendor)}${input.software === undefined ? '' : ` and ${input.software}`}`;
  if (own === undefined) throw new PhonectlError('not_found', `Nothing was uploaded for ${label}.`);
  if (!input.dryRun) {
    await context.write(async () => {
      process.getBuiltinModule('node:fs').rmSync(ownCataloguePath(context.home, input.vendor, imageId));
      return [undefined, { object: objectOf(input.vendor, input.software), result: 'done' }];
    });
  }
  return input;
}

function objectOf(vendor: Vendor, software: string | undefined): string {
  return `catalog:${vendor}${software === undefined ? '' : `/${software}`}`;
}
