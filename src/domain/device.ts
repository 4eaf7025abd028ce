/** What is true of every device: identity, status, tags. Pure rules; nothing here knows the store. */

export const DEVICE_KINDS = ['sip', 'usb', 'room', 'dect', 'codec'] as const;
export type Kind = (typeof DEVICE_KINDS)[number];

export const DEVICE_VENDORS = ['poly', 'yealink', 'cisco'] as const;
export type DeviceVendor = (typeof DEVICE_VENDORS)[number];

export type SipStatus = 'registered' | 'partial' | 'unregistered' | 'aged' | 'unknown';
export type DeviceState = 'active' | 'quarantined' | 'replaced';

/** The one-word status of lists (DEV-14, B-13); `quarantined` and `replaced` stand outside the manuals' four. */
export const DEVICE_STATUSES = ['registered', 'unregistered', 'offline', 'quarantined', 'replaced'] as const;
export type DeviceStatus = (typeof DEVICE_STATUSES)[number];

/** A phone that was silent for two of its nightly polls counts as offline (B-14). Milliseconds. */
export const ONLINE_FOR = 48 * 60 * 60 * 1000;

/** Offline first, then registered if at least one line is (B-13, DEV-27). */
export function statusOf(device: {
  readonly state: DeviceState;
  readonly online: boolean;
  readonly sip: SipStatus;
}): DeviceStatus {
  if (device.state !== 'active') return device.state;
  if (!device.online) return 'offline';
  return device.sip === 'registered' || device.sip === 'partial' ? 'registered' : 'unregistered';
}

/** Letters and digits without separators (VAL-11): `8218404c20ccf9`, `FCH2045ABCD`. */
const SERIAL = /^[0-9a-z]{4,32}$/;

/** The stored form of a serial number, lower case; `undefined` when the text cannot be one. */
export function parseSerial(text: string): string | undefined {
  const serial = text.trim().toLowerCase();
  return SERIAL.test(serial) ? serial : undefined;
}

/** What a device is called where it needs one stable name: its MAC, else its serial number. */
export function deviceKey(device: { readonly mac: string | null; readonly serial: string | null }): string {
  return device.mac ?? device.serial ?? '';
}

/** Place name under which the secrets of a device's CSV profile are sealed. */
export function documentRow(device: { readonly mac: string | null; readonly serial: string | null }): string {
  return `device:${deviceKey(device)}:document`;
}

/** `<mac>_csv_profile` (PROF-21, B-27). */
export function documentName(device: { readonly mac: string | null; readonly serial: string | null }): string {
  return `${deviceKey(device)}_csv_profile`;
}

export type Tags = Readonly<Record<string, string>>;

const TAG_KEY = /^[a-z0-9][a-z0-9._/-]{0,62}$/i;

/** Why this is not a tag, as a clause; `undefined` when it is. */
export function checkTag(key: string, value: string): string | undefined {
  if (!TAG_KEY.test(key)) return `has a key that is not 1 to 63 letters, digits and . _ / -`;
  if (value.length > 255) return 'has a value of more than 255 characters';
  // Tags are written as `a=1 b=2` in files, so their values hold neither blanks nor control characters.
  return /[\s\p{Cc}]/u.test(value) ? 'has a blank or control character in its value' : undefined;
}

/** `floor=2 vip` → `{floor: '2', vip: ''}`, or what is wrong, as a sentence. */
export function parseTags(text: string): { readonly tags: Tags } | { readonly problem: string } {
  const tags: [string, string][] = [];
  for (const part of text.split(/[\s|]+/).filter((piece) => piece !== '')) {
    const at = part.indexOf('=');
    const key = at < 0 ? part : part.slice(0, at);
    const value = at < 0 ? '' : part.slice(at + 1);
    const problem = checkTag(key, value);
    if (problem !== undefined) return { problem: `The tag ${part} ${problem}.` };
    tags.push([key, value]);
  }
  return { tags: sortedTags(Object.fromEntries(tags)) };
}

export function formatTags(tags: Tags): string {
  return Object.entries(tags)
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .join(' ');
}

/** One order for one set of tags, so that equal tags are equal text in the store. */
export function sortedTags(tags: Tags): Tags {
  return Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
