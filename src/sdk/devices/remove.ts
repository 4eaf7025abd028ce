/** Devices that go: deleted (DEV-08, DEV-10), or replaced by new hardware with the same intent. */
import { deviceKey, documentRow, parseSerial } from '../../domain/device.ts';
import { parseMac } from '../../domain/mac.ts';
import type { DeviceSelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import type { Repositories } from '../ports/store.ts';
import { writeOrRehearse } from '../rehearse.ts';
import { openWindows } from './announce.ts';
import { type Device, deviceOf } from './device.ts';
import { resealDocument } from './document.ts';
import { resolveDevice, resolveDevices, within } from './references.ts';
import { objectOf } from './write.ts';

export interface DevicesDeleted {
  /** How many devices were, or with a dry run would be, deleted. */
  readonly count: number;
  /** The first hundred of them. */
  readonly devices: readonly { readonly id: number; readonly device: string; readonly name: string }[];
}

export async function deleteDevices(
  context: OperationContext,
  input: { readonly selector: DeviceSelector; readonly dryRun?: boolean | undefined },
): Promise<DevicesDeleted> {
  return await writeOrRehearse(context, input.dryRun, async (repositories) => {
    const devices: DeviceRecord[] = [];
    for await (const device of resolveDevices(within(context, repositories), input.selector)) {
      context.checkVersion(device.version);
      devices.push(device);
    }
    await repositories.devices.delete(devices.map(({ id }) => id));
    const listed = devices
      .slice(0, 100)
      .map((device) => ({ id: device.id, device: deviceKey(device), name: device.name }));
    return [
      { count: devices.length, devices: listed },
      { object: objectOf(devices), result: 'done', details: { count: devices.length } },
    ];
  });
}

export interface DeviceReplaced {
  readonly old: string;
  readonly device: Device;
}

/**
 * New hardware in an old one's place: same name, site, groups, accounts, profile; new secrets. The old device stays as
 * history, is refused by the server, and its secrets are gone.
 */
export async function replaceDevice(
  context: OperationContext,
  input: { readonly old: string; readonly new: string; readonly dryRun?: boolean | undefined },
): Promise<DeviceReplaced> {
  const now = context.clock.now();
  return await writeOrRehearse(context, input.dryRun, async (repositories) => {
    const old = await resolveDevice(within(context, repositories), input.old);
    context.checkVersion(old.version);
    const identity = await newIdentity(repositories, old, input.new);
    const {
      id: _id,
      site: _site,
      lines,
      groups,
      facts: _facts,
      version: _version,
      createdAt: _c,
      updatedAt: _u,
      ...data
    } = old;
    const document = resealDocument(old.document, documentRow(old), documentRow(identity), context.secrets);
    const id = await repositories.devices.insert({ ...data, ...identity, document }, now);
    await repositories.devices.setLines(id, lines, now);
    const found = await repositories.devices.groupIds(groups);
    await repositories.devices.setGroups(
      id,
      groups.map((name) => found.get(name)!),
      now,
    );
    await repositories.devices.setLines(old.id, [], now);
    await repositories.devices.update(old.id, { state: 'replaced', replacedBy: id, document: null }, now);
    await repositories.credentials.delete(old.id);
    await repositories.enrolments.close([old.id]);
    await openWindows(repositories, [id], now);
    const [device] = await repositories.devices.byIds([id], context.scope);
    if (device === undefined) throw new PhonectlError('unexpected', 'The new device is not there.');
    return [
      { old: deviceKey(old), device: deviceOf(device) },
      { object: `device:${deviceKey(old)}`, result: 'done', details: { replacedBy: deviceKey(device) } },
    ];
  });
}

async function newIdentity(
  repositories: Repositories,
  old: DeviceRecord,
  text: string,
): Promise<Pick<DeviceRecord, 'mac' | 'serial'>> {
  const mac = parseMac(text) ?? null;
  const serial = mac === null && old.mac === null ? (parseSerial(text) ?? null) : null;
  if (mac === null && serial === null) {
    const wanted = old.mac === null ? 'a serial number' : 'a MAC address';
    throw new PhonectlError('invalid_input', `"${text.slice(0, 60)}" is not ${wanted}.`, {
      hints: [`Replace ${deviceKey(old)} by ${wanted} of the new device.`],
    });
  }
  const [existing] = await repositories.devices.match(mac ?? serial ?? '', 'all');
  if (existing !== undefined) {
    throw new PhonectlError('exists', `There is a device ${mac ?? serial} already.`, {
      hints: ['Delete it first if it is the new hardware: `phonectl device delete`.'],
    });
  }
  if (mac !== null) await repositories.enrolments.discard(mac);
  return { mac, serial };
}
