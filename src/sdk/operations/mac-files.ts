/** MAC files, as operations. */
import { boolean, integer, minValue, nullable, number, optional, pipe, strictObject } from 'valibot';
import type { DeviceSelector } from '../../domain/selector.ts';
import { bytesInput } from '../bytes.ts';
import type { OperationContext } from '../context.ts';
import { selectorSchema } from '../devices/fields.ts';
import { dryRunField, referenceField } from '../fields.ts';
import { backUpPhone, exportMacFiles, macFileHistory, restoreMacFile, uploadMacFile } from '../macfiles/mac-files.ts';
import { operation, streamOperation } from '../operation.ts';

const device = { device: referenceField };
const allow = { allowProtected: optional(boolean()) };

export const macFiles = {
  macHistory: operation({
    summary: 'Lists the versions of the MAC file of a device, newest first.',
    permission: 'config:read',
    effect: 'read',
    input: strictObject(device),
    run: macFileHistory,
  }),
  macUpload: operation({
    summary: "Makes a file of the vendor's own form the MAC file of a device.",
    permission: 'config:upload',
    effect: 'write',
    input: strictObject({
      source: bytesInput(),
      file: referenceField,
      device: optional(referenceField),
      ...allow,
      ...dryRunField,
    }),
    run: uploadMacFile,
  }),
  macBackup: operation({
    summary: 'Makes what a phone overrides itself its MAC file.',
    permission: 'config:upload',
    effect: 'write',
    input: strictObject({ ...device, ...allow, ...dryRunField }),
    run: backUpPhone,
  }),
  macRestore: operation({
    summary: 'Makes an earlier version of a MAC file hold again, or none.',
    permission: 'config:upload',
    effect: 'write',
    input: strictObject({ ...device, version: nullable(pipe(number(), integer(), minValue(1))), ...dryRunField }),
    run: restoreMacFile,
  }),
  macExport: streamOperation({
    summary: "Gives out the MAC files of devices in their vendors' own form; secrets only on demand.",
    permission: 'config:read',
    effect: 'read',
    reveals: ({ showSecrets }) => showSecrets === true,
    input: strictObject({ selector: selectorSchema, showSecrets: optional(boolean()) }),
    run: (context: OperationContext, input) =>
      exportMacFiles(context, { ...input, selector: input.selector as DeviceSelector }),
  }),
};
