/** Firmware images (FW-01..05, 11, 18, LIC-07): adding, describing, replacing, giving out, deleting. */
import { nearest } from '../../domain/text.ts';
import { parseVersion } from '../../domain/version.ts';
import { loadModels } from '../../vendors/models.ts';
import type { Bytes } from '../bytes.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { canonicalModels } from '../files/models.ts';
import { checkFileName } from '../files/names.ts';
import { checkStored, dropUnused, type FileCheck, keepFile, readStored } from '../files/store.ts';
import { type ImageFamily, type ImageRecord, imagePath, type StoredFile } from '../ports/files.ts';
import { FIRMWARE_SLOT } from '../ports/given-files.ts';
import { commitEdits } from '../profiles/commit.ts';
import { CX, inferImage } from './infer.ts';

export interface Firmware {
  readonly id: number;
  readonly name: string;
  readonly vendor: string;
  readonly family: ImageFamily;
  /** As phones report it. */
  readonly version: string;
  readonly description: string;
  /** Models that it runs on; empty where nobody said. */
  readonly models: readonly string[];
  readonly file: string;
  /** Where phones fetch it. */
  readonly url: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** Name of the licence file of a Group Series image; `null` when it has none or needs none. */
  readonly license: string | null;
  /** Grows with every change. */
  readonly revision: number;
  readonly createdBy: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export async function* listFirmware(
  context: OperationContext,
  input: {
    readonly search?: string | undefined;
    readonly vendor?: string | undefined;
    readonly family?: string | undefined;
  },
): AsyncGenerator<Firmware> {
  const server = await serverUrl(context);
  const wanted = input.search?.toLowerCase() ?? '';
  for (const image of await context.read.images.list()) {
    if (input.vendor !== undefined && image.vendor !== input.vendor) continue;
    if (input.family !== undefined && image.family !== input.family) continue;
    const texts = [image.name, image.release, image.description, image.fileName];
    if (texts.some((text) => text.toLowerCase().includes(wanted))) yield toFirmware(image, server);
  }
}

export async function showFirmware(context: OperationContext, reference: string): Promise<Firmware> {
  return toFirmware(await requireFirmware(context, reference), await serverUrl(context));
}

export interface FirmwareAdd {
  readonly source: Bytes;
  readonly file: string;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly vendor?: 'poly' | 'yealink' | 'cisco' | undefined;
  readonly family?: ImageFamily | undefined;
  readonly models?: readonly string[] | undefined;
  readonly description?: string | undefined;
  /** What the SHA-256 of the file must be, where the vendor tells it. */
  readonly sha256?: string | undefined;
}

/** Also makes the image's software profile (FW-11). Throws `invalid_input` when vendor or version cannot be known. */
export async function addFirmware(context: OperationContext, input: FirmwareAdd): Promise<Firmware> {
  checkFileName(input.file);
  const catalogue = await loadModels(context.home);
  const inferred = inferImage(input.file, catalogue);
  const family = input.family ?? 'phone';
  const vendor = input.vendor ?? (family === 'phone' ? inferred.vendor : 'poly');
  const release = input.version ?? inferred.release;
  if (vendor === undefined) throw missing(input.file, 'vendor', '--vendor');
  if (release === undefined || parseVersion(release) === undefined) throw missing(input.file, 'version', '--version');
  const models =
    input.models !== undefined
      ? await canonicalModels(context, input.models)
      : family === 'cx'
        ? catalogue.list({ vendor: 'poly' }).flatMap((model) => (model.family === CX ? [model.name] : []))
        : inferred.models;
  const name = input.name ?? `${vendor} ${release}${models.length === 1 ? ` ${models[0]}` : ''}`;
  const kept = await keepFile(context.home, input.source);
  try {
    requireHash(kept, input.sha256);
    const now = context.clock.now();
    const id = await context.write(async ({ images }) => {
      const made = await images.insert({
        ...kept,
        name,
        vendor,
        family,
        release,
        description: input.description ?? '',
        models,
        fileName: input.file,
        license: null,
        createdBy: context.actor.name,
        createdAt: now,
        updatedAt: now,
      });
      return [made, { object: `firmware:${name}`, result: 'done', details: { ...kept, release } }];
    });
    await makeSoftwareProfile(context, { id, name, vendor, models }).catch(async (error: unknown) => {
      // Without its profile no phone would ever get it: a name that a profile has already is refused as a whole.
      await context.write(async ({ images }) => {
        await images.delete([id]);
        return [undefined, { object: `firmware:${name}`, result: 'failed' }];
      });
      throw error;
    });
    return await showFirmware(context, String(id));
  } catch (error) {
    await dropUnused(context, [kept.sha256]);
    throw error;
  }
}

async function makeSoftwareProfile(
  context: OperationContext,
  { id, name, vendor, models }: Pick<ImageRecord, 'id' | 'name' | 'vendor' | 'models'>,
): Promise<void> {
  await commitEdits(
    context,
    (workspace, stamp) =>
      workspace.apply(
        {
          kind: 'profile.add',
          uid: crypto.randomUUID(),
          name,
          vendor,
          type: 'software',
          description: `Firmware ${name}`,
          models,
          imageId: id,
          parameters: [],
        },
        stamp,
      ),
    { object: `profile:${name}`, reason: `firmware ${name} added` },
  );
}

export interface FirmwareEdit {
  readonly firmware: string;
  readonly source?: Bytes | undefined;
  readonly version?: string | undefined;
  readonly models?: readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** FW-05. The name stays: profiles refer to it. */
export async function editFirmware(context: OperationContext, input: FirmwareEdit): Promise<Firmware> {
  const before = await requireFirmware(context, input.firmware);
  if (input.version !== undefined && parseVersion(input.version) === undefined)
    throw missing(before.fileName, 'version', '--version');
  const changed: ImageRecord = {
    ...before,
    ...(input.version !== undefined && { release: input.version }),
    ...(input.models !== undefined && { models: await canonicalModels(context, input.models) }),
    ...(input.description !== undefined && { description: input.description }),
    updatedAt: context.clock.now(),
  };
  if (input.dryRun === true) return toFirmware(changed, await serverUrl(context));
  const kept = input.source === undefined ? undefined : await keepFile(context.home, input.source);
  try {
    await save(context, { ...changed, ...kept }, kept);
  } finally {
    await dropUnused(context, [before.sha256, kept?.sha256 ?? null]);
  }
  return await showFirmware(context, String(before.id));
}

/** LIC-07: a new file takes the old one's place; without a source the licence is taken away. */
export async function setLicense(
  context: OperationContext,
  input: { readonly firmware: string; readonly source?: Bytes | undefined; readonly file?: string | undefined },
): Promise<Firmware> {
  const image = await requireFirmware(context, input.firmware);
  if (image.family !== 'group-series') {
    throw new PhonectlError('conflict', `"${image.name}" is no Group Series firmware; only those take a licence file.`);
  }
  const name = input.file ?? 'license.txt';
  checkFileName(name);
  const kept = input.source === undefined ? undefined : await keepFile(context.home, input.source, 1024 * 1024);
  try {
    const license = kept === undefined ? null : { ...kept, name };
    await save(context, { ...image, license, updatedAt: context.clock.now() }, kept);
  } finally {
    await dropUnused(context, [image.license?.sha256 ?? null, kept?.sha256 ?? null]);
  }
  return await showFirmware(context, String(image.id));
}

async function save(context: OperationContext, image: ImageRecord, kept: StoredFile | undefined): Promise<void> {
  await context.write(async ({ images }) => {
    const current = await images.find(String(image.id));
    context.checkVersion(current?.version ?? image.version);
    await images.update({ ...image, version: current?.version ?? image.version });
    return [undefined, { object: `firmware:${image.name}`, result: 'done', details: { ...kept } }];
  });
}

/** Throws `in_use` while a profile gives one of them to phones: they would ask for a file that is not there. */
export async function deleteFirmware(
  context: OperationContext,
  input: { readonly firmware: readonly string[]; readonly dryRun?: boolean | undefined },
): Promise<{ readonly deleted: readonly string[] }> {
  const images = await Promise.all(input.firmware.map((reference) => requireFirmware(context, reference)));
  const ids = new Set(images.map(({ id }) => id));
  const given = await context.read.givenFiles.givenTo(FIRMWARE_SLOT, [...ids]);
  if (given > 0) {
    throw new PhonectlError('in_use', `Tasks gave this firmware to ${given} devices, which ask for it at every boot.`, {
      hints: ['Let profiles choose again: phonectl firmware unpin --all', 'Or bring them something newer first.'],
    });
  }
  await commitEdits(
    context,
    (workspace, stamp) => {
      for (const profile of [...workspace.profiles.values()]) {
        if (profile.imageId === null || !ids.has(profile.imageId)) continue;
        const assigned = [...workspace.assignments.values()].some(({ profileId }) => profileId === profile.id);
        if (profile.type !== 'software' || assigned) throw inUse(profile.name);
        workspace.apply({ kind: 'profile.delete', profile: profile.uid }, stamp);
      }
    },
    {
      object: `firmware (${images.length})`,
      dryRun: input.dryRun,
      also: async (repositories) => repositories.images.delete([...ids]),
    },
  );
  const deleted = images.map(({ name }) => name);
  if (input.dryRun !== true) {
    const hashes = images.flatMap(({ sha256, license }) => [sha256, license?.sha256 ?? null]);
    await dropUnused(context, hashes);
  }
  return { deleted };
}

export async function* downloadFirmware(
  context: OperationContext,
  input: { readonly firmware: string; readonly license?: boolean | undefined },
): AsyncGenerator<Uint8Array> {
  const image = await requireFirmware(context, input.firmware);
  if (input.license !== true) yield* readStored(context.home, image);
  else if (image.license !== null) yield* readStored(context.home, image.license);
  else throw new PhonectlError('not_found', `The firmware "${image.name}" has no licence file.`);
}

/** P-06, on demand: whether the bytes on the disk are those that were put in. */
export async function* verifyFirmware(context: OperationContext): AsyncGenerator<{
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  readonly result: FileCheck;
}> {
  for (const image of await context.read.images.list()) {
    context.signal.throwIfAborted();
    const { name, fileName, sha256 } = image;
    yield { name, file: fileName, sha256, result: await checkStored(context.home, image) };
  }
}

async function requireFirmware({ read }: Pick<OperationContext, 'read'>, reference: string): Promise<ImageRecord> {
  const found = await read.images.find(reference);
  if (found !== undefined) return found;
  const near = nearest(
    reference,
    (await read.images.list()).map(({ name }) => name),
  );
  throw new PhonectlError('not_found', `There is no firmware "${reference}".`, {
    hints: near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : ['List them with `phonectl firmware list`.'],
  });
}

function requireHash({ sha256 }: StoredFile, wanted: string | undefined): void {
  if (wanted === undefined || wanted.toLowerCase() === sha256) return;
  throw new PhonectlError('invalid_file', 'The SHA-256 of the file is not the one that was given.', {
    hints: ['Download the file from its vendor again.'],
    details: { sha256, expected: wanted },
  });
}

function missing(file: string, what: string, flag: string): PhonectlError {
  return new PhonectlError('invalid_input', `The ${what} of ${file} cannot be told from its name.`, {
    hints: [`Give it: ${flag}`],
  });
}

function inUse(profile: string): PhonectlError {
  return new PhonectlError('in_use', `The profile "${profile}" gives this firmware to phones.`, {
    hints: [`Choose another there, or take the profile away: phonectl profile show "${profile}"`],
  });
}

async function serverUrl({ read }: OperationContext): Promise<string> {
  const url = (await read.settings.get<string>('provisioning.url')) ?? '';
  return url.endsWith('/') ? url : `${url}/`;
}

function toFirmware(image: ImageRecord, server: string): Firmware {
  const { id, name, vendor, family, release, description, models, fileName, size, sha256, license } = image;
  return {
    id,
    name,
    vendor,
    family,
    version: release,
    description,
    models,
    file: fileName,
    url: `${server}${imagePath(image).split('/').map(encodeURIComponent).join('/')}`,
    size,
    sha256,
    license: license?.name ?? null,
    revision: image.version,
    createdBy: image.createdBy,
    createdAt: new Date(image.createdAt).toISOString(),
    updatedAt: new Date(image.updatedAt).toISOString(),
  };
}
