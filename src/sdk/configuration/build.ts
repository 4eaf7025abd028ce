/** `config build`: the whole tree of files for a web server that is there already. */
import type { DeviceSelector } from '../../domain/selector.ts';
import { isEmptySelector } from '../../domain/selector.ts';
import type { Driver } from '../../vendors/driver.ts';
import type { OperationContext } from '../context.ts';
import { resolveDevices } from '../devices/references.ts';
import { isPhonectlError, PhonectlError } from '../errors.ts';
import type { ServedDevice } from '../ports/serving.ts';
import { isSystemError } from '../system-error.ts';
import { type Configuration, type ConfigurationSource, configurationFor } from './configuration.ts';
import { deviceKey } from './credentials.ts';
import { configurationSource, prepareCredentials } from './source.ts';

export interface BuildInput {
  readonly selector: DeviceSelector;
  /** Folder; made when it is missing. */
  readonly out: string;
  readonly dryRun?: boolean | undefined;
}

export interface BuildSummary {
  readonly devices: number;
  readonly files: number;
  readonly written: number;
  readonly unchanged: number;
  readonly failed: number;
}

export interface BuildResult {
  readonly summary: BuildSummary;
  readonly results: readonly { readonly device: string; readonly result: 'failure'; readonly reason: string }[];
}

const BATCH = 200;

/**
 * Writes every device's files into a folder, exact bytes, secrets included: it needs `config:reveal` and is recorded.
 * Files that are as they should be are not touched; a device that cannot be rendered is named and the others go on.
 */
export async function buildTree(context: OperationContext, input: BuildInput): Promise<BuildResult> {
  context.require('config:reveal');
  const source = await configurationSource(context);
  if (input.dryRun !== true) {
    await context.write(async () => [
      undefined,
      { object: 'configuration tree', result: 'done', details: { out: input.out } },
    ]);
  }
  const counts = { devices: 0, files: 0, written: 0, unchanged: 0, failed: 0 };
  const results: { device: string; result: 'failure'; reason: string }[] = [];
  for await (const batch of batches(context, source, input.selector)) {
    if (input.dryRun !== true) await prepareCredentials(context, source.reader, batch);
    for (const stored of batch) {
      context.signal.throwIfAborted();
      counts.devices += 1;
      const reason = input.dryRun === true ? undefined : await buildDevice(source, stored, input.out, counts);
      if (reason === undefined) continue;
      counts.failed += 1;
      results.push({ device: deviceKey(stored), result: 'failure', reason });
    }
    context.progress({ devices: counts.devices });
  }
  return { summary: counts, results };
}

/** Why the device could not be built, if it could not. */
async function buildDevice(
  source: ConfigurationSource,
  stored: ServedDevice,
  out: string,
  counts: { files: number; written: number; unchanged: number },
): Promise<string | undefined> {
  try {
    const configuration = await configurationFor(source, stored);
    const driver = await source.driverOf(configuration.device.vendor);
    for (const { name, body } of configuration.files) {
      if (isSharedWithSecrets(name, body, deviceKey(stored), configuration, driver)) continue;
      counts.files += 1;
      if (await writeIfChanged(out, name, body)) counts.written += 1;
      else counts.unchanged += 1;
    }
    return undefined;
  } catch (error) {
    if (isPhonectlError(error) && error.code !== 'wrong_key') return error.message;
    throw error;
  }
}

async function* batches(
  context: OperationContext,
  { reader }: ConfigurationSource,
  selector: DeviceSelector,
): AsyncGenerator<ServedDevice[]> {
  let batch: ServedDevice[] = [];
  for await (const id of idsOf(context, selector)) {
    const device = await reader.deviceById(id);
    // Devices that fetch nothing (USB, rooms) and phones of which nothing is known have no files.
    if (device === undefined || device.state !== 'active' || (device.mac ?? device.serial) === null) continue;
    if (device.vendor === null) continue;
    batch.push(device);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function* idsOf(context: OperationContext, selector: DeviceSelector): AsyncGenerator<number> {
  const chosen = isEmptySelector(selector) ? { all: true } : selector;
  // Read to the end first: the list must not stay open while we write.
  const ids: number[] = [];
  for await (const { id } of resolveDevices(context, chosen)) ids.push(id);
  yield* ids;
}

/**
 * A name that all phones of a model ask for (Cisco's `8841-3PCC.xml`) is answered by `serve` for each phone with its own
 * file. In a plain folder one phone's secrets would lie under it for all.
 */
function isSharedWithSecrets(
  name: string,
  body: Uint8Array,
  key: string,
  { effective }: Configuration,
  driver: Driver,
): boolean {
  if (name.toLowerCase().includes(key)) return false;
  const text = Buffer.from(body).toString('utf8');
  return Array.from(effective.values()).some(
    ({ name: parameter, value, secret }) =>
      value !== '' && (secret === true || driver.catalogue.find(parameter)?.secret === true) && text.includes(value),
  );
}

/** Files are 0600: they hold the phones' passwords. True when the file was not like this. */
async function writeIfChanged(folder: string, name: string, body: Uint8Array): Promise<boolean> {
  const { mkdir, readFile, rename, writeFile } = process.getBuiltinModule('node:fs/promises');
  const { dirname, join } = process.getBuiltinModule('node:path');
  const path = join(folder, ...name.split('/'));
  try {
    if (Buffer.compare(await readFile(path), body) === 0) return false;
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw folderError(folder, error);
  }
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(`${path}.new`, body, { mode: 0o600 });
    await rename(`${path}.new`, path);
    return true;
  } catch (error) {
    throw folderError(folder, error);
  }
}

function folderError(folder: string, error: unknown): unknown {
  if (isSystemError(error, 'ENOSPC', 'EDQUOT')) {
    return new PhonectlError('disk_full', `There is no space left for ${folder}.`, { cause: error });
  }
  if (isSystemError(error, 'EACCES', 'EPERM', 'ENOTDIR', 'EROFS', 'EISDIR')) {
    return new PhonectlError('conflict', `${folder} cannot be written to: ${error.message}.`, { cause: error });
  }
  return error;
}
