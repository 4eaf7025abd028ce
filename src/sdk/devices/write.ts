/** Adding, editing and deleting devices, one transaction for all of a call. */
import type { InferOutput } from 'valibot';
import { deviceKey, documentRow, parseSerial, sortedTags } from '../../domain/device.ts';
import type { OperationContext, Recorded } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { DeviceData, DeviceRecord } from '../ports/devices.ts';
import type { Repositories } from '../ports/store.ts';
import { writeOrRehearse } from '../rehearse.ts';
import { siteResolver } from '../sites/relocate.ts';
import { requireSite } from '../sites/site.ts';
import { openWindows } from './announce.ts';
import { type Device, deviceOf } from './device.ts';
import { resealDocument } from './document.ts';
import type { editDevicesSchema, newDeviceSchema } from './fields.ts';
import { assignAccounts } from './lines.ts';
import { isProblem, notApproved, type Said, type What, whatIs } from './model.ts';
import { resolveDevice, unknown, within } from './references.ts';

export type NewDevice = InferOutput<typeof newDeviceSchema>;
export type DeviceEdit = InferOutput<typeof editDevicesSchema>;

export interface DevicesWritten {
  readonly devices: readonly Device[];
  readonly warnings: readonly string[];
}

/** What the log calls a set of devices. */
export function objectOf(devices: readonly Pick<DeviceRecord, 'mac' | 'serial'>[]): string {
  return devices.length === 1 ? `device:${deviceKey(devices[0]!)}` : `devices (${devices.length})`;
}

/** DEV-01..03, DEV-06. Opens the enrolment windows of the new devices. */
export async function addDevices(
  context: OperationContext,
  input: { readonly devices: readonly NewDevice[]; readonly dryRun?: boolean | undefined },
): Promise<DevicesWritten> {
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async (repositories) => {
    const warnings: string[] = [];
    const ids: number[] = [];
    for (const device of input.devices) ids.push(await insertDevice(context, repositories, device, warnings, now));
    await openWindows(repositories, ids, now);
    return await written(context, repositories, ids, warnings);
  });
}

async function insertDevice(
  context: OperationContext,
  repositories: Repositories,
  device: NewDevice,
  warnings: string[],
  now: number,
): Promise<number> {
  const what = await whatIsSaid(context, device);
  const { mac = null, serial = null } = device;
  checkIdentity({ mac, serial }, what);
  await checkMaker(context, mac, what, warnings);
  const site = await placeOf(context, repositories, device, null);
  const refusal = notApproved(await repositories.devices.approvedModels(), what, site.siteId);
  if (refusal !== undefined) throw modelRefused(refusal);
  const id = await repositories.devices.insert(
    {
      mac,
      serial,
      machineId: device.machineId || null,
      kind: device.kind ?? what.kind,
      vendor: what.vendor,
      model: what.model,
      family: what.family,
      name: device.name ?? '',
      description: device.description ?? '',
      ...site,
      privateIp: device.privateIp || null,
      controlUrl: device.controlUrl || null,
      port: device.port || null,
      tags: sortedTags(device.tags ?? {}),
      origin: 'manual',
      state: 'active',
      replacedBy: null,
      document: null,
    },
    now,
  );
  if (device.groups !== undefined)
    await repositories.devices.setGroups(id, await groupIds(repositories, device.groups), now);
  if (device.accounts !== undefined) {
    const record = await requireRecord(context, repositories, id);
    warnings.push(
      ...(await assignAccounts(context, repositories, record, device.accounts, {
        replace: true,
        maxLines: what.maxLines,
        now,
      })),
    );
  }
  return id;
}

/** DEV-11, DEV-42, SITE-24, B-01. */
export async function editDevices(context: OperationContext, input: DeviceEdit): Promise<DevicesWritten> {
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async (repositories) => {
    const warnings: string[] = [];
    const ids: number[] = [];
    for (const reference of input.devices) {
      const device = await resolveDevice(within(context, repositories), reference);
      context.checkVersion(device.version);
      await editDevice(context, repositories, device, input, warnings, now);
      ids.push(device.id);
    }
    return await written(context, repositories, [...new Set(ids)], warnings);
  });
}

async function editDevice(
  context: OperationContext,
  repositories: Repositories,
  device: DeviceRecord,
  edit: DeviceEdit,
  warnings: string[],
  now: number,
): Promise<void> {
  if (edit.devices.length > 1 && edit.serial !== undefined) {
    throw new PhonectlError('invalid_input', 'A serial number belongs to one device only.');
  }
  const saysWhat = edit.vendor !== undefined || edit.model !== undefined || edit.type !== undefined;
  const what = saysWhat ? await whatIsSaid(context, saidOf(device, edit)) : undefined;
  if (what !== undefined) {
    checkIdentity({ mac: device.mac, serial: edit.serial ?? device.serial }, what);
    await checkMaker(context, device.mac, what, warnings);
  }
  const place = await placeOf(context, repositories, edit, device);
  const refusal = what && notApproved(await repositories.devices.approvedModels(), what, place.siteId);
  if (refusal !== undefined) throw modelRefused(refusal);
  await repositories.devices.update(
    device.id,
    {
      ...place,
      ...(what && { vendor: what.vendor, model: what.model, family: what.family, kind: what.kind }),
      ...(edit.kind !== undefined && { kind: edit.kind }),
      ...(edit.name !== undefined && { name: edit.name }),
      ...(edit.description !== undefined && { description: edit.description }),
      ...(edit.privateIp !== undefined && { privateIp: edit.privateIp || null }),
      ...(edit.controlUrl !== undefined && { controlUrl: edit.controlUrl || null }),
      ...(edit.port !== undefined && { port: edit.port || null }),
      ...(edit.machineId !== undefined && { machineId: edit.machineId || null }),
      ...(edit.serial !== undefined && identified(context, device, edit.serial)),
      ...((edit.tags ?? edit.removeTags) !== undefined && { tags: editedTags(device, edit) }),
    },
    now,
  );
  const groups = editedGroups(device.groups, edit);
  if (groups !== undefined) await repositories.devices.setGroups(device.id, await groupIds(repositories, groups), now);
}

/** A device may get a serial number beside its MAC; another identity is another device (DEV-40). */
function identified(context: OperationContext, device: DeviceRecord, serial: string): Partial<DeviceData> {
  const parsed = parseSerial(serial) ?? serial;
  if (device.serial !== null && device.serial !== parsed) {
    throw new PhonectlError('conflict', `${deviceKey(device)} has the serial number ${device.serial} already.`, {
      hints: ['Another serial number is another device: `phonectl device replace OLD NEW`.'],
    });
  }
  const document = resealDocument(
    device.document,
    documentRow(device),
    documentRow({ ...device, serial: parsed }),
    context.secrets,
  );
  return { serial: parsed, document };
}

/** A new model drops what the old one said of type and vendor, unless that is said too. */
function saidOf(device: DeviceRecord, edit: DeviceEdit): Said {
  return {
    vendor:
      edit.vendor ?? (edit.model === undefined && edit.type === undefined ? (device.vendor ?? undefined) : undefined),
    model: edit.model ?? (edit.type === undefined ? (device.model ?? undefined) : undefined),
    type: edit.type,
  };
}

function editedTags(device: DeviceRecord, edit: DeviceEdit): DeviceData['tags'] {
  const tags = new Map(Object.entries({ ...device.tags, ...edit.tags }));
  for (const key of edit.removeTags ?? []) tags.delete(key);
  return sortedTags(Object.fromEntries(tags));
}

/** `groups` sets all of them in this order; `addGroups` appends, `removeGroups` takes away. */
function editedGroups(current: readonly string[], edit: DeviceEdit): readonly string[] | undefined {
  if (edit.groups === undefined && edit.addGroups === undefined && edit.removeGroups === undefined) return undefined;
  const key = (name: string): string => name.trim().toLowerCase();
  const removed = new Set((edit.removeGroups ?? []).map(key));
  const all = [...(edit.groups ?? current), ...(edit.addGroups ?? [])];
  const unique = new Map(all.map((name) => [key(name), name]));
  return [...unique].filter(([name]) => !removed.has(name)).map(([, name]) => name);
}

/** Where a device is: pinned to a named site, or where its addresses say. `device` is null for a new one. */
async function placeOf(
  context: OperationContext,
  repositories: Repositories,
  said: {
    readonly site?: string | undefined;
    readonly unpin?: boolean | undefined;
    readonly privateIp?: string | undefined;
  },
  device: DeviceRecord | null,
): Promise<Pick<DeviceData, 'siteId' | 'siteMode'>> {
  if (said.site !== undefined) {
    const site = await requireSite(repositories.sites, said.site, context.scope);
    return { siteId: site.id, siteMode: 'pinned' };
  }
  if (device !== null && device.siteMode === 'pinned' && !said.unpin) {
    return { siteId: device.siteId, siteMode: 'pinned' };
  }
  const resolver = await siteResolver(repositories.sites);
  const privateIp = device?.facts.reportedIp ?? (said.privateIp === undefined ? device?.privateIp : said.privateIp);
  const { siteId } = resolver.resolve({ publicIp: device?.facts.publicIp ?? null, privateIp: privateIp || null });
  return { siteId, siteMode: 'auto' };
}

async function whatIsSaid(context: OperationContext, said: Said): Promise<What> {
  const { loadModels } = await import('../../vendors/registry.ts');
  const what = whatIs(await loadModels(context.home), said);
  if (!isProblem(what)) return what;
  throw new PhonectlError('invalid_input', what.reason, { hints: [what.remedy], details: { field: what.field } });
}

/** Phones are known by their MAC, other devices such as Studio by their serial number (VAL-11, DEV-02). */
function checkIdentity(identity: Pick<DeviceData, 'mac' | 'serial'>, what: What): void {
  if (identity.mac === null && identity.serial === null) {
    throw new PhonectlError('invalid_input', 'A device needs a MAC address or a serial number.');
  }
  if (what.idBy === 'serial' && identity.serial === null) {
    throw new PhonectlError('invalid_input', `A ${what.model ?? what.family} is known by its serial number.`, {
      hints: ['Give it with --serial.'],
    });
  }
  if (what.idBy === 'mac' && identity.mac === null) {
    throw new PhonectlError('invalid_input', `A ${what.model ?? what.family} is known by its MAC address.`);
  }
}

/** VAL-12. A MAC's block is a hint, never proof: makers buy each other, and blocks. */
async function checkMaker(
  context: OperationContext,
  mac: string | null,
  what: What,
  warnings: string[],
): Promise<void> {
  if (mac === null || what.vendor === null) return;
  const { loadModels } = await import('../../vendors/registry.ts');
  const maker = (await loadModels(context.home)).vendorOfMac(mac);
  if (maker !== undefined && maker !== what.vendor) {
    warnings.push(`${mac} is from a block of ${maker}, not of ${what.vendor}. Is it the right MAC?`);
  }
}

function modelRefused(reason: string): PhonectlError {
  return new PhonectlError('conflict', reason, { hints: ['Approve it with `phonectl model approve MODEL`.'] });
}

export async function groupIds(repositories: Repositories, names: readonly string[]): Promise<readonly number[]> {
  const found = await repositories.devices.groupIds(names);
  const missing = names.find((name) => !found.has(name));
  if (missing !== undefined) throw unknown('group', missing, await repositories.devices.groupNames());
  return [...new Set(names.map((name) => found.get(name)!))];
}

async function requireRecord(context: OperationContext, repositories: Repositories, id: number): Promise<DeviceRecord> {
  const [record] = await repositories.devices.byIds([id], context.scope);
  if (record === undefined) throw new PhonectlError('not_found', `There is no device with the id ${id}.`);
  return record;
}

async function written(
  context: OperationContext,
  repositories: Repositories,
  ids: readonly number[],
  warnings: readonly string[],
): Promise<[DevicesWritten, Recorded]> {
  const records = await repositories.devices.byIds(ids, context.scope);
  return [
    { devices: records.map(deviceOf), warnings },
    { object: objectOf(records), result: 'done' },
  ];
}
