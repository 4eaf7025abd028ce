/** How devices look in lists and details. */
import type { Device, DeviceDetails } from '../../sdk/devices/device.ts';
import type { Column } from '../view.ts';

/** What a device is called on a screen: its name, else its MAC or serial number. */
export function deviceName(device: Pick<Device, 'name' | 'mac' | 'serial'>): string {
  return device.name || device.mac || device.serial || '';
}

export const DEVICE_COLUMNS: readonly Column<Device>[] = [
  { name: 'name', text: deviceName },
  { name: 'mac', header: 'MAC', get: (device) => device.mac ?? device.serial },
  { name: 'extension', header: 'EXT', kind: 'list', get: (device) => device.lines.map(({ extension }) => extension) },
  { name: 'model', priority: 2 },
  { name: 'site', priority: 3 },
  { name: 'status', kind: 'state', priority: 1 },
  { name: 'privateIp', header: 'IP', priority: 4 },
  { name: 'firmware', priority: 5 },
  { name: 'lastSeen', header: 'SEEN', kind: 'time', priority: 6 },
  { name: 'attention', header: 'WHY', priority: 1 },
  { name: 'id', kind: 'number', extra: true },
  { name: 'serial', extra: true },
  { name: 'vendor', extra: true },
  { name: 'kind', extra: true },
  { name: 'siteMode', extra: true },
  { name: 'groups', kind: 'list', extra: true },
  { name: 'online', kind: 'flag', extra: true },
  { name: 'sip', kind: 'state', extra: true },
  { name: 'call', kind: 'state', extra: true },
  { name: 'sipUri', header: 'SIP URI', extra: true },
  { name: 'publicIp', header: 'PUBLIC IP', extra: true },
  { name: 'controlUrl', extra: true },
  { name: 'port', extra: true },
  { name: 'machineId', extra: true },
  { name: 'description', extra: true },
  {
    name: 'tags',
    kind: 'list',
    get: ({ tags }) => Object.entries(tags).map(([key, value]) => `${key}=${value}`),
    extra: true,
  },
  { name: 'origin', extra: true },
  { name: 'createdAt', header: 'ADDED', kind: 'time', extra: true },
  { name: 'updatedAt', header: 'CHANGED', kind: 'time', extra: true },
];

export const DEVICE_DETAILS: readonly Column<DeviceDetails>[] = [
  { name: 'name', text: deviceName },
  { name: 'status', kind: 'state' },
  { name: 'attention' },
  { name: 'mac', header: 'MAC' },
  { name: 'serial' },
  { name: 'machineId' },
  { name: 'vendor' },
  { name: 'model' },
  { name: 'kind' },
  { name: 'firmware' },
  { name: 'site', text: ({ site, siteMode }) => (siteMode === 'pinned' ? `${site} (pinned)` : site) },
  { name: 'groups', kind: 'list' },
  { name: 'description' },
  { name: 'tags', kind: 'list', get: ({ tags }) => Object.entries(tags).map(([key, value]) => `${key}=${value}`) },
  { name: 'privateIp', header: 'IP' },
  { name: 'publicIp', header: 'PUBLIC IP' },
  { name: 'controlUrl' },
  { name: 'port' },
  { name: 'sip', kind: 'state' },
  { name: 'call', kind: 'state' },
  { name: 'lastSeen', kind: 'time' },
  { name: 'origin' },
  { name: 'replacedBy' },
];
