/** The files of one device, as operations. */
import { boolean, exactOptional, picklist, strictObject } from 'valibot';
import { bytesInput } from '../bytes.ts';
import {
  deleteDeviceFiles,
  FILE_GROUPS,
  listDeviceFiles,
  putDeviceFile,
  readDeviceFile,
} from '../device-files/device-files.ts';
import { removeOldUploads } from '../device-files/retention.ts';
import { dryRunField, referenceField, referencesField } from '../fields.ts';
import { operation, streamOperation } from '../operation.ts';
import { FILE_DIRECTORIES } from '../ports/files.ts';

const device = { device: referenceField };

export const deviceFiles = {
  files: streamOperation({
    summary: 'Lists the files of a device: given to it, sent by it, put there for it.',
    permission: 'device-file:read',
    effect: 'read',
    input: strictObject({ ...device, group: exactOptional(picklist(FILE_GROUPS)) }),
    run: listDeviceFiles,
  }),
  fileUpload: operation({
    summary: 'Puts a file there for one device.',
    permission: 'device-file:write',
    effect: 'write',
    input: strictObject({
      ...device,
      source: bytesInput(),
      file: referenceField,
      directory: exactOptional(picklist(FILE_DIRECTORIES)),
    }),
    run: putDeviceFile,
  }),
  fileDownload: streamOperation({
    summary: 'Gives out the bytes of a file of a device; rendered ones need the permission to reveal.',
    permission: 'device-file:read',
    effect: 'read',
    input: strictObject({
      ...device,
      file: referenceField,
      /** Leaves passwords in what the phone sent. */
      showSecrets: exactOptional(boolean()),
    }),
    run: readDeviceFile,
  }),
  fileDelete: operation({
    summary: 'Deletes files that a device sent or that were put there for it.',
    permission: 'device-file:delete',
    effect: 'destructive',
    input: strictObject({ ...device, files: referencesField, ...dryRunField }),
    run: deleteDeviceFiles,
  }),
  prune: operation({
    summary: 'Removes logs and reports of phones that are older than the setting says.',
    permission: 'device-file:prune',
    effect: 'destructive',
    input: strictObject({}),
    async run(context) {
      const removed = await removeOldUploads(context);
      await context.write(async () => [undefined, { object: 'uploads', result: 'done', details: { removed } }]);
      return { removed };
    },
  }),
};
