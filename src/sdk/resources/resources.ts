/** Files for many phones (RES-01..11): ring tones, pictures, languages, `000000000000-*` files. */

import type { Bytes } from '../bytes.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { canonicalModels } from '../files/models.ts';
import { checkFileName, resourceType } from '../files/names.ts';
import { dropUnused, keepFile, readStored } from '../files/store.ts';
import type { ResourceRecord } from '../ports/files.ts';

export interface Resource {
  readonly id: number;
  readonly name: string;
  /** The name that phones ask for. */
  readonly file: string;
  /** Where phones fetch it; what `@resource:NAME` stands for in a parameter (RES-10). */
  readonly url: string;
  readonly type: string;
  readonly description: string;
  /** Models that it suits; empty for all. */
  readonly models: readonly string[];
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly version: number;
  readonly createdBy: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export async function* listResources(
  context: OperationContext,
  { search }: { readonly search?: string | undefined },
): AsyncGenerator<Resource> {
  const server = await serverUrl(context);
  const wanted = search?.toLowerCase();
  for (const record of await context.read.resources.list()) {
    const { name, servedAs, description } = record;
    const fits = [name, servedAs, description].some((text) => text.toLowerCase().includes(wanted ?? ''));
    if (fits) yield toResource(record, server);
  }
}

export async function showResource(context: OperationContext, reference: string): Promise<Resource> {
  return toResource(await requireResource(context, reference), await serverUrl(context));
}

export interface ResourceAdd {
  readonly source: Bytes;
  /** The name that phones ask for. */
  readonly file: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly models?: readonly string[] | undefined;
  /** Bytes at the most. */
  readonly maxSize?: number | undefined;
}

/** Throws `invalid_input` for a name, `too_large`, `exists`. */
export async function addResource(context: OperationContext, input: ResourceAdd): Promise<Resource> {
  checkFileName(input.file);
  const type = resourceType(input.file);
  const models = await canonicalModels(context, input.models ?? []);
  const kept = await keepFile(context.home, input.source, input.maxSize);
  const now = context.clock.now();
  const record = {
    ...kept,
    name: input.name ?? input.file,
    servedAs: input.file,
    type,
    description: input.description ?? '',
    models,
    createdBy: context.actor.name,
    createdAt: now,
    updatedAt: now,
  };
  try {
    await context.write(async ({ resources }) => {
      const id = await resources.insert(record);
      return [id, { object: `resource:${record.name}`, result: 'done', details: { ...kept } }];
    });
  } catch (error) {
    await dropUnused(context, [kept.sha256]);
    throw error;
  }
  return await showResource(context, record.name);
}

export interface ResourceEdit {
  readonly resource: string;
  readonly source?: Bytes | undefined;
  readonly name?: string | undefined;
  readonly file?: string | undefined;
  readonly description?: string | undefined;
  readonly models?: readonly string[] | undefined;
  readonly dryRun?: boolean | undefined;
}

/** RES-04. A new file takes the old one's place at once. */
export async function editResource(context: OperationContext, input: ResourceEdit): Promise<Resource> {
  const before = await requireResource(context, input.resource);
  if (input.file !== undefined) checkFileName(input.file);
  const changed: ResourceRecord = {
    ...before,
    ...(input.name !== undefined && { name: input.name }),
    ...(input.file !== undefined && { servedAs: input.file, type: resourceType(input.file) }),
    ...(input.description !== undefined && { description: input.description }),
    ...(input.models !== undefined && { models: await canonicalModels(context, input.models) }),
    updatedAt: context.clock.now(),
  };
  if (input.dryRun === true) return toResource(changed, await serverUrl(context));
  const kept = input.source === undefined ? undefined : await keepFile(context.home, input.source);
  try {
    await context.write(async ({ resources }) => {
      const current = await resources.find(String(before.id));
      context.checkVersion(current?.version ?? before.version);
      await resources.update({ ...changed, ...kept, version: current?.version ?? before.version });
      return [undefined, { object: `resource:${before.name}`, result: 'done', details: { ...kept } }];
    });
  } finally {
    await dropUnused(context, [before.sha256, kept?.sha256 ?? null]);
  }
  return await showResource(context, String(before.id));
}

export async function deleteResources(
  context: OperationContext,
  { resources: references, dryRun }: { readonly resources: readonly string[]; readonly dryRun?: boolean | undefined },
): Promise<{ readonly deleted: readonly string[] }> {
  const records = await Promise.all(references.map((reference) => requireResource(context, reference)));
  const deleted = records.map(({ name }) => name);
  if (dryRun === true) return { deleted };
  await context.write(async ({ resources }) => {
    await resources.delete(records.map(({ id }) => id));
    return [undefined, { object: `resources (${records.length})`, result: 'done', details: { names: deleted } }];
  });
  await dropUnused(
    context,
    records.map(({ sha256 }) => sha256),
  );
  return { deleted };
}

export async function* downloadResource(context: OperationContext, reference: string): AsyncGenerator<Uint8Array> {
  yield* readStored(context.home, await requireResource(context, reference));
}

/** By name or number. Throws `not_found` with what is near. */
export async function requireResource(context: OperationContext, reference: string): Promise<ResourceRecord> {
  const found = await context.read.resources.find(reference);
  if (found !== undefined) return found;
  const { nearest } = await import('../../domain/text.ts');
  const near = nearest(
    reference,
    (await context.read.resources.list()).map(({ name }) => name),
  );
  throw new PhonectlError('not_found', `There is no resource "${reference}".`, {
    hints: near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : ['List them with `phonectl resource list`.'],
  });
}

async function serverUrl({ read }: OperationContext): Promise<string> {
  const url = (await read.settings.get<string>('provisioning.url')) ?? '';
  return url.endsWith('/') ? url : `${url}/`;
}

function toResource(record: ResourceRecord, server: string): Resource {
  const { servedAs, createdAt, updatedAt, ...rest } = record;
  return {
    ...rest,
    file: servedAs,
    url: `${server}${encodeURIComponent(servedAs)}`,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}
