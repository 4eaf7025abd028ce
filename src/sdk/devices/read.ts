/** Lists and details of devices. */
import { deviceKey, documentRow } from '../../domain/device.ts';
import type { DeviceSelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import { type Device, type DeviceDetails, detailsOf, deviceOf } from './device.ts';
import { maskedDocument, openValue, readDocument } from './document.ts';
import type { ListInput } from './fields.ts';
import { filterOf, resolveDevice } from './references.ts';

/** DEV-12, DEV-14, DEV-19, DEV-22, DEV-51: filters, then search within them, then order and window. */
export async function* listDevices(context: OperationContext, input: ListInput): AsyncGenerator<Device> {
  const { sort, limit, offset, attention, kinds, origins, all: _, ...selector } = input;
  const filter = await filterOf(context, selector);
  const records = context.read.devices.list({
    ...filter,
    ...(attention && { attention }),
    ...(kinds && { kinds }),
    ...(origins && { origins }),
    sort,
    limit,
    offset,
  });
  for await (const record of records) yield deviceOf(record);
}

export interface DeviceCounts {
  readonly total: number;
  /** How many need a human. */
  readonly attention: number;
}

export async function countDevices(
  context: OperationContext,
  input: { readonly selector?: DeviceSelector | undefined },
): Promise<DeviceCounts> {
  const filter = await filterOf(context, input.selector ?? {});
  const total = await context.read.devices.count(filter);
  return { total, attention: await context.read.devices.count({ ...filter, attention: true }) };
}

/** DEV-13, DEV-30, DEV-38. With `reveal` the secrets of the CSV profile are shown, and that is recorded. */
export async function showDevice(
  context: OperationContext,
  input: { readonly device: string; readonly reveal?: boolean | undefined },
): Promise<DeviceDetails> {
  const record = await resolveDevice(context, input.device, { replaced: true });
  let parameters = maskedDocument(record.document);
  if (input.reveal) {
    context.require('device:reveal');
    const row = documentRow(record);
    parameters = Object.fromEntries(
      [...readDocument(record.document)].map(([name, value]) => [name, openValue(value, row, context.secrets)]),
    );
    await context.write(async () => [undefined, { object: `device:${deviceKey(record)}`, result: 'done' }]);
  }
  const [successor] = record.replacedBy === null ? [] : await context.read.devices.byIds([record.replacedBy], 'all');
  return detailsOf(record, {
    parameters,
    // The name that a profile gives beats ours on the phone; profiles come with the configuration layers (DEV-38).
    profileName: parameters['device.hostname'] ?? null,
    replacedBy: successor === undefined ? null : deviceKey(successor),
  });
}
