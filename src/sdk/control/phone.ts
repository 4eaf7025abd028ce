/** A phone as actions see it: its driver, where it can be dialled, and the secrets to talk to it. */
import { formatMac } from '../../domain/mac.ts';
import type { ControlTarget, Driver, Line, Vendor } from '../../vendors/driver.ts';
import { readControlBase } from '../configuration/base.ts';
import { openCredential } from '../configuration/credentials.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import type { SealedLine } from '../ports/serving.ts';
import { dialAddress } from './address.ts';

/** What is needed to act on phones; an operation's context has it, and so has a runner without one. */
export type ControlContext = Pick<OperationContext, 'store' | 'secrets' | 'home' | 'clock' | 'scope'>;

export interface Phone {
  readonly device: DeviceRecord;
  readonly driver: Driver;
  readonly target: ControlTarget;
  /** Why the phone cannot be dialled, with the ways that there are; `undefined` when it can. */
  readonly unreachable: string | undefined;
  /** True when the phone was given no admin password by us: only ways without a login can work. */
  readonly withoutLogin: boolean;
}

/** `undefined` and the reason when this device cannot be acted on at all. */
export type LoadedPhone = Phone | { readonly device: DeviceRecord | undefined; readonly reason: string };

/** Loads a device for one action. Secrets are opened here and live as long as the action. */
export async function loadPhone(context: ControlContext, deviceId: number): Promise<LoadedPhone> {
  const { store, secrets } = context;
  const [device] = await store.read.devices.byIds([deviceId], context.scope);
  if (device === undefined) return { device, reason: 'the device was deleted' };
  if (device.state !== 'active') return { device, reason: `the device is ${device.state}` };
  if (device.kind !== 'sip' && device.kind !== 'dect')
    return { device, reason: `a ${device.kind} device takes no commands` };
  const vendor = device.vendor ?? (device.facts.vendor as Vendor | null);
  if (vendor === null) return { device, reason: 'its vendor is not known yet' };
  const { driverOf } = await import('../../vendors/registry.ts');
  const driver = await driverOf(vendor, context.home);
  const reader = await store.serving();
  const [lines, credentials] = await Promise.all([reader.lines(deviceId), reader.credentials(deviceId)]);
  const admin = credentials.find(({ purpose }) => purpose === 'admin');
  const event = credentials.find(({ purpose }) => purpose === 'event');
  const { serverUrl, controlAddresses } = await readControlBase((name) => store.read.settings.get(name));
  const dial = dialAddress(device);
  const model = device.model ?? device.facts.model;
  const target: ControlTarget = {
    ...(device.mac !== null && { mac: device.mac }),
    ...(device.serial !== null && { serial: device.serial }),
    vendor,
    ...(model !== null && { model }),
    ...(device.facts.firmware !== null && { firmware: device.facts.firmware }),
    name: device.name,
    lines: lines.map((line) => openLine(line, context)),
    ...('url' in dial && {
      controlUrl: dial.url,
      sipHost: dial.host,
      ...(dial.sipPort !== undefined && { sipPort: dial.sipPort }),
    }),
    admin: {
      username: driver.adminUser,
      password: admin === undefined ? '' : openCredential(secrets, device, admin).password,
    },
    inCall: device.facts.call === 'in-call',
    controlAddresses,
    ...(serverUrl !== undefined &&
      event !== undefined && { eventUrl: `${serverUrl}e/${openCredential(secrets, device, event).password}` }),
  };
  return {
    device,
    driver,
    target,
    unreachable: 'reason' in dial ? dial.reason : undefined,
    withoutLogin: admin === undefined,
  };
}

function openLine(line: SealedLine, { secrets }: ControlContext): Line {
  const { type, nameKey, username, authName, displayName, label, server, port, transport, server2, port2 } = line;
  return {
    line: line.line,
    type: type as Line['type'],
    username,
    authName,
    password: line.password === null ? '' : secrets.open(line.password, `account:${type}/${nameKey}:password`),
    displayName,
    label,
    server,
    ...(port !== null && { port }),
    ...(transport !== null && { transport: transport as NonNullable<Line['transport']> }),
    server2,
    ...(port2 !== null && { port2 }),
  };
}

/** Refuses a selection that selects nothing: most likely it was not meant. */
export function requireSome(devices: number): void {
  if (devices > 0) return;
  throw new PhonectlError('not_found', 'No device fits the selection.', {
    hints: ['Look with `phonectl device list` and the same selection.'],
  });
}

/** What a device is called in results: its MAC, else its serial number, else its id. Every command takes it. */
export function deviceLabel(
  device: { readonly mac: string | null; readonly serial: string | null },
  id: number,
): string {
  return device.mac === null ? (device.serial ?? String(id)) : formatMac(device.mac, 'plain');
}
