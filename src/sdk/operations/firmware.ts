/** Firmware, as operations. */
import { array, boolean, exactOptional, optional, picklist, pipe, regex, strictObject, string } from 'valibot';
import type { DeviceSelector } from '../../domain/selector.ts';
import { bytesInput } from '../bytes.ts';
import type { OperationContext } from '../context.ts';
import { selectorSchema } from '../devices/fields.ts';
import { dryRunField, nameField, referenceField, referencesField, textField } from '../fields.ts';
import {
  addFirmware,
  deleteFirmware,
  downloadFirmware,
  editFirmware,
  listFirmware,
  setLicense,
  showFirmware,
  verifyFirmware,
} from '../firmware/firmware.ts';
import { auditFirmware, outdatedFirmware, runningFirmware } from '../firmware/reports.ts';
import { operation, streamOperation } from '../operation.ts';
import { IMAGE_FAMILIES } from '../ports/files.ts';

const vendor = picklist(['poly', 'yealink', 'cisco']);
const family = picklist(IMAGE_FAMILIES);
const selector = { selector: selectorSchema };

export const firmware = {
  list: streamOperation({
    summary: 'Lists the firmware images.',
    permission: 'firmware:read',
    effect: 'read',
    input: strictObject({ search: optional(string()), vendor: exactOptional(vendor), family: exactOptional(family) }),
    run: listFirmware,
  }),
  show: operation({
    summary: 'Shows a firmware image.',
    permission: 'firmware:read',
    effect: 'read',
    input: strictObject({ firmware: referenceField }),
    run: (context, input) => showFirmware(context, input.firmware),
  }),
  add: operation({
    summary: 'Adds a firmware image, and the software profile that gives it to phones.',
    permission: 'firmware:add',
    effect: 'write',
    input: strictObject({
      source: bytesInput(),
      file: referenceField,
      name: optional(nameField),
      version: optional(referenceField),
      vendor: exactOptional(vendor),
      family: exactOptional(family),
      models: optional(array(referenceField)),
      description: optional(textField),
      sha256: optional(pipe(string(), regex(/^[0-9a-f]{64}$/i, 'is no SHA-256: 64 hexadecimal digits'))),
    }),
    run: addFirmware,
  }),
  edit: operation({
    summary: 'Changes what is said of a firmware image, or replaces its file.',
    permission: 'firmware:edit',
    effect: 'write',
    input: strictObject({
      firmware: referenceField,
      source: optional(bytesInput()),
      version: optional(referenceField),
      models: optional(array(referenceField)),
      description: optional(textField),
      ...dryRunField,
    }),
    run: editFirmware,
  }),
  license: operation({
    summary: 'Puts the licence file beside a Group Series image, or takes it away.',
    permission: 'firmware:edit',
    effect: 'write',
    input: strictObject({ firmware: referenceField, source: optional(bytesInput()), file: optional(referenceField) }),
    run: setLicense,
  }),
  delete: operation({
    summary: 'Deletes firmware images that no profile gives to phones.',
    permission: 'firmware:delete',
    effect: 'destructive',
    input: strictObject({ firmware: referencesField, ...dryRunField }),
    run: deleteFirmware,
  }),
  download: streamOperation({
    summary: 'Gives out the bytes of a firmware image or its licence, checked against their SHA-256.',
    permission: 'firmware:read',
    effect: 'read',
    input: strictObject({ firmware: referenceField, license: optional(boolean()) }),
    run: downloadFirmware,
  }),
  verify: streamOperation({
    summary: 'Reads every firmware image and compares it with its SHA-256.',
    permission: 'firmware:read',
    effect: 'read',
    input: strictObject({}),
    run: (context: OperationContext) => verifyFirmware(context),
  }),
  running: streamOperation({
    summary: 'Counts the devices of each firmware version that runs.',
    permission: 'firmware:read',
    effect: 'read',
    input: strictObject(selector),
    run: (context: OperationContext, input) => runningFirmware(context, { selector: input.selector as DeviceSelector }),
  }),
  outdated: streamOperation({
    summary: 'Lists devices that run an older firmware than the newest that fits them.',
    permission: 'firmware:read',
    effect: 'read',
    input: strictObject(selector),
    run: (context: OperationContext, input) =>
      outdatedFirmware(context, { selector: input.selector as DeviceSelector }),
  }),
  audit: streamOperation({
    summary: 'Lists devices whose firmware is known to be vulnerable, or of which that is not known.',
    permission: 'firmware:read',
    effect: 'read',
    input: strictObject({ ...selector, all: optional(boolean()) }),
    run: (context: OperationContext, input) =>
      auditFirmware(context, { selector: input.selector as DeviceSelector, all: input.all }),
  }),
};
