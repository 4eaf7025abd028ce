/** Schemas of what can be said of a device. Empty text clears a field that may be empty. */
import {
  array,
  boolean,
  check,
  type GenericSchema,
  integer,
  minValue,
  number,
  optional,
  picklist,
  pipe,
  record,
  strictObject,
  string,
  transform,
  trim,
} from 'valibot';
import { checkTag, DEVICE_KINDS, type Kind, parseSerial } from '../../domain/device.ts';
import { parseMac } from '../../domain/mac.ts';
import type { DeviceSelector } from '../../domain/selector.ts';
import { checkName, excerpt } from '../../domain/text.ts';
import { dryRunField, listFields, referenceField, referencesField, textField } from '../fields.ts';

export const macField = pipe(
  string(),
  check(
    (text) => parseMac(text) !== undefined,
    ({ input }) => `"${excerpt(input)}" is not a MAC address`,
  ),
  transform((text) => parseMac(text)!),
);

export const serialField = pipe(
  string(),
  check(
    (text) => parseSerial(text) !== undefined,
    ({ input }) => `"${excerpt(input)}" is not a serial number (4 to 32 letters and digits)`,
  ),
  transform((text) => parseSerial(text)!),
);

/** A device's name may be empty: it is then called by its MAC. */
const nameField = pipe(
  string(),
  trim(),
  check(
    (text) => text === '' || checkName(text) === undefined,
    ({ input }) => `"${excerpt(input)}" ${checkName(input) ?? ''}`,
  ),
);

/** An IPv4 or IPv6 address in the one spelling; empty clears it. */
const addressField = pipe(
  string(),
  trim(),
  check(
    (text) => text === '' || process.getBuiltinModule('node:net').isIP(text) !== 0,
    ({ input }) => `"${excerpt(input)}" is not an IP address`,
  ),
  transform((text) => text.toLowerCase()),
);

const urlField = pipe(
  string(),
  trim(),
  check(
    (text) => text === '' || isControlUrl(text),
    ({ input }) => `"${excerpt(input)}" is not an http:// or https:// URL without path and password`,
  ),
);

/** A scheme, a host, perhaps a port, perhaps `#sip=PORT`: credentials are the device's own, paths the driver's. */
export function isControlUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const plain =
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    /^(?:#sip=\d{1,5})?$/.test(url.hash) &&
    url.pathname === '/';
  return plain && (url.protocol === 'http:' || url.protocol === 'https:');
}

const tagsField = pipe(
  record(string(), string()),
  check(
    (tags) => Object.entries(tags).every(([key, value]) => checkTag(key, value) === undefined),
    ({ input }) => tagProblem(input),
  ),
);

function tagProblem(tags: Readonly<Record<string, string>>): string {
  for (const [key, value] of Object.entries(tags)) {
    const problem = checkTag(key, value);
    if (problem !== undefined) return `the tag ${excerpt(key)} ${problem}`;
  }
  return '';
}

/** An account by `type:name`, name or extension; without a line it takes the next free one. */
const lineField = strictObject({ account: referenceField, line: optional(pipe(number(), integer(), minValue(1))) });

const described = {
  name: optional(nameField),
  vendor: optional(string()),
  model: optional(string()),
  /** An endpoint type or family, for a device whose exact model is not known. */
  type: optional(string()),
  kind: optional(picklist(DEVICE_KINDS)),
  description: optional(textField),
  privateIp: optional(addressField),
  controlUrl: optional(urlField),
  port: optional(textField),
  machineId: optional(textField),
  tags: optional(tagsField),
  groups: optional(array(referenceField)),
};

export const newDeviceSchema = strictObject({
  mac: optional(macField),
  serial: optional(serialField),
  /** Pins the device there; without one its addresses decide. */
  site: optional(referenceField),
  accounts: optional(array(lineField)),
  ...described,
});

export const editDevicesSchema = strictObject({
  devices: referencesField,
  ...described,
  serial: optional(serialField),
  site: optional(referenceField),
  /** Lets the device's addresses decide again (B-01). */
  unpin: optional(boolean()),
  addGroups: optional(array(referenceField)),
  removeGroups: optional(array(referenceField)),
  /** Merged into the tags; an empty value is a tag too, `removeTags` takes away. */
  removeTags: optional(array(string())),
  ...dryRunField,
});

const selectorEntries = {
  refs: optional(array(referenceField)),
  ids: optional(array(pipe(number(), integer(), minValue(1)))),
  sites: optional(array(referenceField)),
  groups: optional(array(referenceField)),
  models: optional(array(string())),
  vendors: optional(array(string())),
  statuses: optional(array(string())),
  firmware: optional(string()),
  tags: optional(record(string(), string())),
  all: optional(boolean()),
};

/** A selector as an input. The type is said here, since the schema's own would refuse read-only arrays. */
export const selectorSchema = strictObject({
  ...selectorEntries,
  search: optional(string()),
}) as unknown as GenericSchema<DeviceSelector>;

export interface ListInput extends DeviceSelector {
  readonly sort?: string | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  /** Only devices that need a human. */
  readonly attention?: boolean | undefined;
  readonly kinds?: readonly Kind[] | undefined;
  readonly origins?: readonly ('manual' | 'csv' | 'auto')[] | undefined;
}

export const listSchema = strictObject({
  ...selectorEntries,
  ...listFields,
  attention: optional(boolean()),
  kinds: optional(array(picklist(DEVICE_KINDS))),
  origins: optional(array(picklist(['manual', 'csv', 'auto']))),
}) as unknown as GenericSchema<ListInput>;

export const assignSchema = strictObject({
  device: referenceField,
  accounts: array(lineField),
  /** Takes all other accounts off the device first. */
  replace: optional(boolean()),
  ...dryRunField,
});

export const unassignSchema = strictObject({
  device: referenceField,
  /** Accounts or line numbers; all lines when empty. */
  accounts: optional(array(referenceField)),
  lines: optional(array(pipe(number(), integer(), minValue(1)))),
  ...dryRunField,
});
