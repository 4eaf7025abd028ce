/**
 * MAC files (CFG-15..18): parameters of one device above everything else, read from a file of the vendor's own form or
 * from what the phone overrides itself. Every version is kept.
 */

import { type Effective, type Parameter, resolve } from '../../domain/effective.ts';
import { parseMac } from '../../domain/mac.ts';
import { type DeviceSelector, isEmptySelector } from '../../domain/selector.ts';
import type { Driver, RenderDevice, Vendor } from '../../vendors/driver.ts';
import { driverOf } from '../../vendors/registry.ts';
import { type Bytes, readBytes } from '../bytes.ts';
import { maskEffective } from '../configuration/mask.ts';
import type { OperationContext } from '../context.ts';
import { deviceLabel } from '../control/phone.ts';
import { resolveDevice, resolveDevices } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import type { MacFileVersion } from '../ports/mac-files.ts';
import { open, store } from '../profiles/parameters.ts';

const LARGEST = 8 * 1024 * 1024;

export interface MacFile {
  /** MAC, else serial number, else id. */
  readonly device: string;
  /** Number of the version; 1 is the first that the device had. */
  readonly version: number;
  readonly active: boolean;
  readonly source: string;
  readonly parameters: number;
  readonly author: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

export interface MacFileWritten {
  readonly device: string;
  /** The new version; `null` in a dry run. */
  readonly version: number | null;
  readonly parameters: number;
  /** Parameters that decide who holds the phone, left out since nobody allowed them (security.md W-02). */
  readonly protected: readonly string[];
}

export async function macFileHistory(
  context: OperationContext,
  input: { readonly device: string },
): Promise<readonly MacFile[]> {
  const device = await resolveDevice(context, input.device);
  return toHistory(device, await context.read.macFiles.history(device.id));
}

function toHistory(device: DeviceRecord, versions: readonly MacFileVersion[]): readonly MacFile[] {
  return versions.map(({ active, source, parameters, author, createdAt }, index) => ({
    device: deviceLabel(device, device.id),
    version: versions.length - index,
    active,
    source,
    parameters: parameters.length,
    author,
    createdAt: new Date(createdAt).toISOString(),
  }));
}

export interface MacFileUpload {
  readonly source: Bytes;
  /** Names the device by the MAC in it, unless `device` does (CFG-15). */
  readonly file: string;
  readonly device?: string | undefined;
  readonly allowProtected?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
}

/** Throws `invalid_file` with line and column, `not_found` when the name holds no MAC of ours. */
export async function uploadMacFile(context: OperationContext, input: MacFileUpload): Promise<MacFileWritten> {
  const reference = input.device ?? macIn(input.file);
  if (reference === undefined) {
    throw new PhonectlError('invalid_input', `The name ${input.file.slice(0, 80)} holds no MAC address.`, {
      hints: ['Say whose file it is: --device DEVICE'],
    });
  }
  const device = await resolveDevice(context, reference);
  const driver = await driverFor(context, device);
  const { parameters } = driver.parse(input.file, await readBytes(input.source, LARGEST, input.file));
  return await keep(context, device, driver, parameters, input.file, input);
}

function macIn(file: string): string | undefined {
  const match = /(?<![0-9a-z])((?:[0-9a-f]{2}[:-]?){5}[0-9a-f]{2})(?![0-9a-z])/i.exec(file);
  return match === null ? undefined : parseMac(match[1] ?? '');
}

/** CFG-16: what the phone overrides itself and has sent us becomes its MAC file. */
export async function backUpPhone(
  context: OperationContext,
  input: {
    readonly device: string;
    readonly allowProtected?: boolean | undefined;
    readonly dryRun?: boolean | undefined;
  },
): Promise<MacFileWritten> {
  const device = await resolveDevice(context, input.device);
  const driver = await driverFor(context, device);
  const uploads = await context.read.uploads.list(device.id);
  const found = new Map<string, Parameter>();
  const names: string[] = [];
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  for (const { upload } of driver.overrides) {
    const record = uploads.find(({ name }) => name.endsWith(upload));
    if (record === undefined) continue;
    const body = await readFile(context.home.file('uploads', record.path));
    if (body.toString('utf8').trim() === '') continue;
    names.push(record.name);
    // The strongest layer comes first.
    for (const parameter of driver.parse(record.name, body).parameters) {
      if (!found.has(parameter.name)) found.set(parameter.name, parameter);
    }
  }
  if (found.size === 0) {
    throw new PhonectlError(
      'conflict',
      `${deviceLabel(device, device.id)} has sent nothing that it overrides itself.`,
      {
        hints: [
          'Poly and Yealink phones send it when somebody changes a setting there; see phonectl device file list.',
        ],
      },
    );
  }
  return await keep(context, device, driver, [...found.values()], `backup of ${names.join(', ')}`, input);
}

async function keep(
  context: OperationContext,
  device: DeviceRecord,
  driver: Driver,
  parameters: readonly Parameter[],
  source: string,
  { allowProtected, dryRun }: { readonly allowProtected?: boolean | undefined; readonly dryRun?: boolean | undefined },
): Promise<MacFileWritten> {
  const refused = allowProtected === true ? [] : parameters.filter(({ name }) => driver.isProtected(name));
  const kept = parameters
    .filter((parameter) => !refused.includes(parameter))
    .map(({ name, value, secret }) => ({
      name,
      value,
      secret: secret === true || driver.catalogue.find(name)?.secret === true,
    }));
  const label = deviceLabel(device, device.id);
  const result = {
    device: label,
    version: null,
    parameters: kept.length,
    protected: refused.map(({ name }) => name),
  };
  if (kept.length === 0) {
    throw new PhonectlError('invalid_data', `${source} holds no parameter that may be taken over.`, {
      hints: refused.length > 0 ? ['It holds only protected ones; --allow-protected takes them over.'] : [],
      details: { protected: result.protected },
    });
  }
  // What no file can carry is refused now, not when the phone asks.
  driver.render(renderDevice(device, driver.vendor), asEffective(kept, source));
  if (dryRun === true) return result;
  const uid = crypto.randomUUID();
  const version = await context.write(async ({ macFiles }) => {
    await macFiles.add({
      deviceId: device.id,
      uid,
      parameters: store(`mac-file:${uid}`, kept, context.secrets),
      source,
      author: context.actor.name,
      createdAt: context.clock.now(),
    });
    const number = (await macFiles.history(device.id)).length;
    const details = { version: number, parameters: kept.length, source };
    return [number, { object: `device:${label}`, result: 'done', details }];
  });
  return { ...result, version };
}

export interface MacFileRestored {
  readonly device: string;
  /** The version that holds now; `null` for none. */
  readonly version: number | null;
}

/** Makes an earlier version hold again, or none (CFG-17). */
export async function restoreMacFile(
  context: OperationContext,
  input: { readonly device: string; readonly version: number | null; readonly dryRun?: boolean | undefined },
): Promise<MacFileRestored> {
  const device = await resolveDevice(context, input.device);
  const versions = await context.read.macFiles.history(device.id);
  const label = deviceLabel(device, device.id);
  const wanted = input.version === null ? null : versions[versions.length - input.version];
  if (wanted === undefined) {
    throw new PhonectlError('not_found', `${label} has no version ${input.version} of its MAC file.`, {
      hints: [versions.length === 0 ? 'It has none at all.' : `It has versions 1 to ${versions.length}.`],
    });
  }
  const result = { device: label, version: input.version };
  if (input.dryRun === true) return result;
  await context.write(async ({ macFiles }) => {
    await macFiles.activate(device.id, wanted === null ? null : wanted.id);
    return [undefined, { object: `device:${label}`, result: 'done', details: { version: input.version } }];
  });
  return result;
}

export interface MacFileText {
  readonly device: string;
  readonly name: string;
  readonly text: string;
}

/** The MAC files that hold, in the vendor's own form; secrets only with `config:reveal`, which is recorded. */
export async function* exportMacFiles(
  context: OperationContext,
  input: { readonly selector: DeviceSelector; readonly showSecrets?: boolean | undefined },
): AsyncGenerator<MacFileText> {
  if (input.showSecrets === true) {
    context.require('config:reveal');
    await context.write(async () => [undefined, { object: 'MAC files', result: 'done' }]);
  }
  const devices = new Map<number, DeviceRecord>();
  const selector = isEmptySelector(input.selector) ? { all: true } : input.selector;
  for await (const device of resolveDevices(context, selector)) devices.set(device.id, device);
  for (const version of await context.read.macFiles.active([...devices.keys()])) {
    const device = devices.get(version.deviceId);
    if (device !== undefined) yield await toText(context, device, version, input.showSecrets === true);
  }
}

async function toText(
  context: OperationContext,
  device: DeviceRecord,
  { uid, parameters, source }: MacFileVersion,
  exact: boolean,
): Promise<MacFileText> {
  const driver = await driverFor(context, device);
  const effective = asEffective(open(`mac-file:${uid}`, parameters, context.secrets), source);
  const shown = exact
    ? effective
    : maskEffective(effective, (name) => driver.catalogue.find(name)?.secret === true, []);
  const files = driver.render(renderDevice(device, driver.vendor), shown);
  // The one that carries the parameters: a master or boot file only points at it.
  const main = files.find(({ name, body }) =>
    driver.parse(name, body).parameters.some((parameter) => effective.has(parameter.name)),
  );
  const label = deviceLabel(device, device.id);
  return { device: label, name: main?.name ?? `${label}.cfg`, text: Buffer.from(main?.body ?? '').toString('utf8') };
}

function asEffective(parameters: readonly Parameter[], source: string): Effective {
  return resolve([{ layer: 'mac', source, parameters }]);
}

function renderDevice(device: DeviceRecord, vendor: Vendor): RenderDevice {
  const model = device.model ?? device.facts.model;
  return {
    ...(device.mac !== null && { mac: device.mac }),
    ...(device.serial !== null && { serial: device.serial }),
    ...(model !== null && { model }),
    ...(device.facts.firmware !== null && { firmware: device.facts.firmware }),
    vendor,
    name: device.name,
    lines: [],
  };
}

async function driverFor(context: OperationContext, device: DeviceRecord): Promise<Driver> {
  const vendor = device.vendor ?? (device.facts.vendor as Vendor | null);
  if (vendor !== null) return await driverOf(vendor, context.home);
  const label = deviceLabel(device, device.id);
  throw new PhonectlError('conflict', `The vendor of ${label} is not known yet.`, {
    hints: [`Set it: phonectl device edit ${label} --vendor VENDOR`],
  });
}
