/** Firmware, as operations. */
import { array, boolean, exactOptional, optional, picklist, pipe, regex, strictObject, string } from 'valibot';
import type { DeviceSelector } from '../../domain/selector.ts';
import { bytesInput } from '../bytes.ts';
import type { OperationContext } from '../context.ts';
import type { ControlEvent } from '../control/run.ts';
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
import type { FirmwarePlan } from '../firmware/plan.ts';
import { type FirmwareReport, firmwareReport } from '../firmware/report.ts';
import { auditFirmware, outdatedFirmware, runningFirmware } from '../firmware/reports.ts';
import { planRequest, pushFirmware, rollOut, type Unpinned, unpinFirmware } from '../firmware/rollout.ts';
import { operation, streamOperation } from '../operation.ts';
import { IMAGE_FAMILIES } from '../ports/files.ts';
import { runFields, toRequest } from './control.ts';
import { taskId } from './tasks.ts';

const vendor = picklist(['poly', 'yealink', 'cisco']);
const family = picklist(IMAGE_FAMILIES);
const selector = { selector: selectorSchema };

/** Of everything that brings firmware to phones. */
const pushFields = {
  /** Name or number of an image, or a release: then each phone gets the image of it that fits. */
  firmware: referenceField,
  ...selector,
  ...runFields,
  /** Also in the middle of a call. */
  force: exactOptional(boolean()),
  /** Leaves out devices that it is nothing for, instead of refusing the whole. */
  fitting: optional(boolean()),
  /** Also to phones that run something newer. */
  downgrade: optional(boolean()),
};

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
  plan: operation({
    summary: 'Says what a rollout would do: who fits, in which steps and waves, and how much is fetched.',
    permission: 'firmware:read',
    effect: 'read',
    input: strictObject({
      ...pushFields,
      /** With the waves and limits of a rollout. */ rollout: optional(boolean(), true),
    }),
    async run(context: OperationContext, input): Promise<FirmwarePlan> {
      return planRequest(context, { ...(await toRequest(context, input)), ...ownOf(input), rollout: input.rollout });
    },
  }),
  rollout: streamOperation({
    summary: 'Brings firmware to devices in waves that stop themselves, and says which of them run it.',
    permission: 'firmware:push',
    effect: 'disruptive',
    input: strictObject({ ...pushFields, ...dryRunField }),
    async *run(context: OperationContext, input): AsyncGenerator<ControlEvent> {
      yield* rollOut(context, { ...(await toRequest(context, input)), ...ownOf(input) });
    },
  }),
  push: streamOperation({
    summary: 'Brings firmware to devices; those that are away get it at their next contact.',
    permission: 'firmware:push',
    effect: 'disruptive',
    input: strictObject({ ...pushFields, ...dryRunField }),
    async *run(context: OperationContext, input): AsyncGenerator<ControlEvent> {
      yield* pushFirmware(context, { ...(await toRequest(context, input)), ...ownOf(input) });
    },
  }),
  report: operation({
    summary: 'Says how a rollout went: from where to where, who failed and why, and what to type next.',
    permission: 'task:read',
    effect: 'read',
    input: strictObject({ task: taskId }),
    run: (context: OperationContext, { task }): Promise<FirmwareReport> => firmwareReport(context, task),
  }),
  unpin: operation({
    summary: 'Takes back the firmware that tasks gave to devices, so that profiles choose again.',
    permission: 'firmware:push',
    effect: 'write',
    input: strictObject({ ...selector, ...dryRunField }),
    run: (context: OperationContext, input): Promise<Unpinned> =>
      unpinFirmware(context, { selector: input.selector as DeviceSelector, dryRun: input.dryRun }),
  }),
};

interface OwnInput {
  readonly firmware: string;
  readonly fitting?: boolean | undefined;
  readonly downgrade?: boolean | undefined;
}

function ownOf({ firmware: reference, fitting, downgrade }: OwnInput): OwnInput {
  return { firmware: reference, fitting, downgrade };
}
