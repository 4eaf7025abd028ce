/** `config render`: what a device would be given, for people to look at. */

import { nearest } from '../../domain/text.ts';
import type { Driver, RenderedFile } from '../../vendors/driver.ts';
import { vendorLabel } from '../../vendors/registry.ts';
import type { OperationContext } from '../context.ts';
import { resolveDevice } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import { type Configuration, configurationFor } from './configuration.ts';
import { openCredential } from './credentials.ts';
import { maskEffective } from './mask.ts';
import { configurationSource } from './source.ts';

export interface RenderInput {
  readonly device: string;
  /** Name of one file. */
  readonly file?: string | undefined;
  readonly showSecrets?: boolean | undefined;
}

export interface ShownFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly text: string;
}

export interface ShownConfiguration {
  readonly device: string;
  readonly vendor: string;
  /** Of the parameters with their secrets: what the phone should run. */
  readonly digest: string;
  /** False when secrets stand as asterisks. */
  readonly exact: boolean;
  readonly files: readonly ShownFile[];
}

/** Renders a device's files; with secrets it needs `config:reveal` and is recorded. Throws `not_found`, `conflict`. */
export async function renderDevice(context: OperationContext, input: RenderInput): Promise<ShownConfiguration> {
  const found = await resolveDevice(context, input.device);
  const key = found.mac ?? found.serial ?? String(found.id);
  if (input.showSecrets === true) {
    context.require('config:reveal');
    await context.write(async () => [undefined, { object: `device:${key}`, result: 'done' }]);
  }
  const source = await configurationSource(context);
  const stored = await source.reader.deviceById(found.id);
  if (stored === undefined) throw new PhonectlError('not_found', `${key} has just been deleted.`);
  const configuration = await configurationFor(source, stored);
  const driver = await source.driverOf(configuration.device.vendor);
  const files =
    input.showSecrets === true ? configuration.files : await masked(context, stored.id, configuration, driver);
  return {
    device: key,
    vendor: vendorLabel(configuration.device.vendor),
    digest: configuration.digest,
    exact: input.showSecrets === true,
    files: choose(files, input.file).map(toShown),
  };
}

async function masked(
  context: OperationContext,
  deviceId: number,
  { device, effective }: Configuration,
  driver: Driver,
): Promise<readonly RenderedFile[]> {
  const rows = await context.read.credentials.list(deviceId);
  const keys = { mac: device.mac ?? null, serial: device.serial ?? null };
  const own = rows.map((row) => openCredential(context.secrets, keys, row).password);
  const isSecret = (name: string): boolean => driver.catalogue.find(name)?.secret === true;
  return driver.render(device, maskEffective(effective, isSecret, own));
}

function choose(files: readonly RenderedFile[], name: string | undefined): readonly RenderedFile[] {
  if (name === undefined) return files;
  const wanted = name.toLowerCase();
  const chosen = files.filter((file) => file.name.toLowerCase() === wanted);
  if (chosen.length > 0) return chosen;
  const names = files.map((file) => file.name);
  const [suggestion] = nearest(name, names);
  throw new PhonectlError('not_found', `The device is given no file ${name}.`, {
    hints: [...(suggestion === undefined ? [] : [`Did you mean ${suggestion}?`]), `It is given ${names.join(', ')}.`],
    details: { files: names },
  });
}

function toShown({ name, contentType, body }: RenderedFile): ShownFile {
  return { name, contentType, bytes: body.length, text: Buffer.from(body).toString('utf8') };
}
