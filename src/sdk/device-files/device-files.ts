/**
 * The files of one device (DFILE-01..08, PROV-15, PROV-20, LOG-07): what it is given, what it sent, what people put there
 * for it. Bytes that a phone sent are shown and downloaded by people; they are never served to a phone again.
 */
import type { Bytes } from '../bytes.ts';
import { configurationFor } from '../configuration/configuration.ts';
import { configurationSource } from '../configuration/source.ts';
import type { OperationContext } from '../context.ts';
import { deviceLabel } from '../control/phone.ts';
import { resolveDevice } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import { checkDeviceFile } from '../files/names.ts';
import { dropUnused, keepFile, readStored } from '../files/store.ts';
import { notFound } from '../missing.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import type { DeviceFileRecord, FileDirectory } from '../ports/files.ts';
import type { Upload } from '../ports/uploads.ts';
import { readClean, readUpload } from './uploads.ts';

/** DFILE-06, and `log`: what the manual shows on a page of its own (LOG-07). */
export const FILE_GROUPS = ['provisioning', 'phone', 'web', 'other', 'log'] as const;
export type FileGroup = (typeof FILE_GROUPS)[number];

export interface DeviceFile {
  readonly device: string;
  readonly name: string;
  readonly group: FileGroup;
  /** Of files that people put there (DFILE-05). */
  readonly directory: FileDirectory | null;
  /** `given`: rendered for it; `sent`: by the phone; `put`: by people. */
  readonly origin: 'given' | 'sent' | 'put';
  /** Bytes. */
  readonly size: number;
  /** ISO 8601; `null` for what is rendered when it is asked for. */
  readonly at: string | null;
}

interface DeviceInput {
  readonly device: string;
}

export async function* listDeviceFiles(
  context: OperationContext,
  input: DeviceInput & { readonly group?: FileGroup | undefined },
): AsyncGenerator<DeviceFile> {
  const device = await resolveDevice(context, input.device);
  const all = [...(await given(context, device)), ...(await sent(context, device)), ...(await put(context, device))];
  yield* all.filter(({ group }) => input.group === undefined || group === input.group);
}

async function given(context: OperationContext, device: DeviceRecord): Promise<readonly DeviceFile[]> {
  const rendered = await renderFiles(context, device);
  return rendered.map(({ name, body }) => ({
    device: deviceLabel(device, device.id),
    name,
    group: 'provisioning',
    directory: null,
    origin: 'given',
    size: body.length,
    at: null,
  }));
}

/** Nothing for a device that fetches nothing, or of which too little is known. */
async function renderFiles(context: OperationContext, device: DeviceRecord) {
  const vendor = device.vendor ?? device.facts.vendor;
  if (vendor === null || device.state !== 'active' || (device.mac ?? device.serial) === null) return [];
  const source = await configurationSource(context);
  const stored = await source.reader.deviceById(device.id);
  return stored === undefined ? [] : (await configurationFor(source, stored)).files;
}

async function sent(context: OperationContext, device: DeviceRecord): Promise<readonly DeviceFile[]> {
  const uploads = await context.read.uploads.list(device.id);
  return uploads.map((upload) => ({
    device: deviceLabel(device, device.id),
    name: upload.name,
    group: groupOf(upload),
    directory: null,
    origin: 'sent',
    size: upload.size,
    at: new Date(upload.receivedAt).toISOString(),
  }));
}

/** DFILE-08: what was set at the phone's own menu, and on its web page. */
function groupOf({ kind, name }: Upload): FileGroup {
  if (['log', 'report', 'capture', 'crash'].includes(kind)) return 'log';
  if (kind !== 'override') return 'other';
  return /-web\.cfg$/.test(name) ? 'web' : 'phone';
}

async function put(context: OperationContext, device: DeviceRecord): Promise<readonly DeviceFile[]> {
  const files = await context.read.deviceFiles.list(device.id);
  return files.map(({ name, directory, size, createdAt }) => ({
    device: deviceLabel(device, device.id),
    name,
    group: 'other',
    directory,
    origin: 'put',
    size,
    at: new Date(createdAt).toISOString(),
  }));
}

/** DFILE-02. Phones get it instead of what all get under that name (DFILE-03). */
export async function putDeviceFile(
  context: OperationContext,
  input: DeviceInput & {
    readonly source: Bytes;
    readonly file: string;
    readonly directory?: FileDirectory | undefined;
  },
): Promise<DeviceFile> {
  checkDeviceFile(input.file);
  const device = await resolveDevice(context, input.device);
  const label = deviceLabel(device, device.id);
  const before = await context.read.deviceFiles.find(device.id, input.file);
  const kept = await keepFile(context.home, input.source);
  const record: DeviceFileRecord = {
    ...kept,
    deviceId: device.id,
    name: input.file,
    directory: input.directory ?? directoryOf(input.file),
    createdBy: context.actor.name,
    createdAt: context.clock.now(),
  };
  try {
    await context.write(async ({ deviceFiles }) => {
      await deviceFiles.put(record);
      return [undefined, { object: `device:${label}`, result: 'done', details: { file: input.file, ...kept } }];
    });
  } finally {
    await dropUnused(context, [before?.sha256 ?? null, kept.sha256]);
  }
  const [file] = (await put(context, device)).filter(({ name }) => name === record.name);
  if (file === undefined) throw new PhonectlError('conflict', `${input.file} was deleted again by somebody else.`);
  return file;
}

/** Where a file belongs that nobody said it of. */
function directoryOf(name: string): FileDirectory {
  if (/-(?:directory|contact)\.xml$/i.test(name)) return 'contacts';
  if (/license/i.test(name)) return 'license';
  if (/\.(?:pem|crt|cer)$/i.test(name)) return 'certificate';
  return /\.csv$/i.test(name) ? 'flk' : 'misc';
}

/** The bytes of any file of the device. What is given to it holds its secrets: that needs `config:reveal`. */
export async function* readDeviceFile(
  context: OperationContext,
  input: DeviceInput & { readonly file: string; readonly showSecrets?: boolean | undefined },
): AsyncGenerator<Uint8Array> {
  const device = await resolveDevice(context, input.device);
  const name = input.file.toLowerCase();
  const own = await context.read.deviceFiles.find(device.id, name);
  if (own !== undefined) {
    yield* readStored(context.home, own);
    return;
  }
  const upload = await context.read.uploads.find(device.id, name);
  if (upload !== undefined) {
    yield* sentBytes(context, device, upload, input.showSecrets === true);
    return;
  }
  const rendered = (await renderFiles(context, device)).find((file) => file.name.toLowerCase() === name);
  if (rendered === undefined) throw await missing(context, device, input.file);
  context.require('config:reveal');
  const object = `device:${deviceLabel(device, device.id)}`;
  await context.write(async () => [undefined, { object, result: 'done', details: { file: rendered.name } }]);
  yield rendered.body;
}

/** What the phone sent. Logs and settings come without secrets unless those are asked for; what people said is noted. */
async function* sentBytes(
  context: OperationContext,
  device: DeviceRecord,
  upload: Upload,
  showSecrets: boolean,
): AsyncGenerator<Uint8Array> {
  const special = SPECIAL[upload.kind];
  const hides = TEXTS.has(upload.kind);
  const needed = special ?? (hides && showSecrets ? 'config:reveal' : undefined);
  if (needed !== undefined) {
    context.require(needed);
    const object = `device:${deviceLabel(device, device.id)}`;
    await context.write(async () => [undefined, { object, result: 'done', details: { file: upload.name } }]);
  }
  yield* hides && !showSecrets ? readClean(context, device, upload) : readUpload(context, upload);
}

/** Kinds of uploads that hold what was said or sent on a phone, or was in its memory, and the permission for them. */
const SPECIAL: Readonly<Record<string, string>> = {
  capture: 'diag:capture',
  recording: 'diag:recording',
  crash: 'diag:crash',
};
/** Kinds in which passwords may stand. */
const TEXTS: ReadonlySet<string> = new Set(['log', 'override', 'report']);

async function missing(context: OperationContext, device: DeviceRecord, name: string): Promise<PhonectlError> {
  const names = [...(await sent(context, device)), ...(await put(context, device))].map((file) => file.name);
  return notFound('file of this device', name, names);
}

export interface DeletedFiles {
  readonly deleted: readonly string[];
}

/** DFILE-07. Deletes what people put there and what the phone sent; what is given to it comes from its configuration. */
export async function deleteDeviceFiles(
  context: OperationContext,
  input: DeviceInput & { readonly files: readonly string[]; readonly dryRun?: boolean | undefined },
): Promise<DeletedFiles> {
  const device = await resolveDevice(context, input.device);
  const own: DeviceFileRecord[] = [];
  const uploads: Upload[] = [];
  for (const file of input.files) {
    const name = file.toLowerCase();
    const put = await context.read.deviceFiles.find(device.id, name);
    const upload = await context.read.uploads.find(device.id, name);
    if (put === undefined && upload === undefined) throw await missing(context, device, file);
    if (put !== undefined) own.push(put);
    if (upload !== undefined) uploads.push(upload);
  }
  const deleted = [...own, ...uploads].map(({ name }) => name);
  if (input.dryRun === true) return { deleted };
  await context.write(async (repositories) => {
    for (const { name } of own) await repositories.deviceFiles.delete(device.id, name);
    for (const { name } of uploads) await repositories.uploads.delete(device.id, name);
    const object = `device:${deviceLabel(device, device.id)}`;
    return [undefined, { object, result: 'done', details: { files: deleted } }];
  });
  await dropUnused(
    context,
    own.map(({ sha256 }) => sha256),
  );
  await removeUploads(context, uploads);
  return { deleted };
}

/** The bytes go after the record: a crash in between leaves a file that nobody sees, never a record without one. */
export async function removeUploads(
  { home }: Pick<OperationContext, 'home'>,
  uploads: readonly Upload[],
): Promise<void> {
  const { rm } = process.getBuiltinModule('node:fs/promises');
  for (const { path } of uploads) await rm(home.file('uploads', path), { force: true });
}
