/** Lists and details of devices. */
import { deviceKey, documentRow } from '../../domain/device.ts';
import { type DeviceSelector, isEmptySelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import { type Device, type DeviceDetails, detailsOf, deviceOf, strangerOf } from './device.ts';
import { maskedDocument, openValue, readDocument } from './document.ts';
import type { ListInput } from './fields.ts';
import { filterOf, resolveDevice } from './references.ts';

/**
 * DEV-12, DEV-14, DEV-19, DEV-22, DEV-51: filters, then search within them, then order and window. Phones that nobody
 * announced stand at the end of what needs a human.
 */
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
  let found = 0;
  for await (const record of records) {
    found += 1;
    yield deviceOf(record);
  }
  const wantsStrangers = attention || selector.statuses?.includes('quarantined');
  if (!wantsStrangers || kinds || origins || context.scope !== 'all' || (offset ?? 0) > 0) return;
  for await (const stranger of strangers(context, selector)) {
    if (limit !== undefined && found >= limit) return;
    found += 1;
    yield stranger;
  }
}

/** Quarantined phones, as far as a selector can speak of them: they have no site, group, tag or name yet. */
async function* strangers(context: OperationContext, selector: DeviceSelector): AsyncGenerator<Device> {
  const { statuses: _, search = '', vendors, models, ...others } = selector;
  if (!isEmptySelector(others)) return;
  const text = search.trim().toLowerCase();
  for await (const phone of context.read.enrolments.quarantined()) {
    if (vendors !== undefined && !vendors.includes(phone.vendor ?? '')) continue;
    if (models !== undefined && !models.includes(phone.model ?? '')) continue;
    const texts = [phone.mac, phone.address, phone.model ?? '', phone.userAgent];
    if (texts.some((candidate) => candidate.toLowerCase().includes(text))) yield strangerOf(phone);
  }
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
  let attention = await context.read.devices.count({ ...filter, attention: true });
  if (context.scope === 'all') for await (const _ of strangers(context, input.selector ?? {})) attention += 1;
  return { total, attention };
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
