/** Captures that were made: the list, and the bytes. */
import type { DeviceSelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import { deviceLabel } from '../control/phone.ts';
import { readUpload } from '../device-files/uploads.ts';
import { resolveDevice, resolveDevices } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import type { CaptureRecord, CaptureState } from '../ports/captures.ts';
import type { Upload } from '../ports/uploads.ts';
import { unpacked } from './unpack.ts';

export interface Capture {
  readonly device: string;
  readonly name: string;
  readonly state: CaptureState;
  /** Name of the file; null where none has arrived, or where it was deleted after its days. */
  readonly file: string | null;
  /** As it arrived. */
  readonly bytes: number | null;
  readonly filter: string;
  readonly megabytes: number;
  readonly author: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** When it is stopped at the latest; null when it has ended. */
  readonly endsAt: string | null;
  readonly endedAt: string | null;
  readonly reason: string | null;
}

/** The newest first; of the devices that are in scope, or of those selected. */
export async function* listCaptures(
  context: OperationContext,
  { selector }: { readonly selector?: DeviceSelector },
): AsyncGenerator<Capture> {
  const { captures, devices, uploads } = context.read;
  let wanted: number[] | 'all' = 'all';
  if (selector !== undefined) {
    wanted = [];
    for await (const { id } of resolveDevices(context, selector)) wanted.push(id);
  }
  const records = await captures.list(wanted);
  const known = await devices.byIds([...new Set(records.map(({ deviceId }) => deviceId))], context.scope);
  const byId = new Map(known.map((device) => [device.id, device]));
  for (const record of records) {
    const device = byId.get(record.deviceId);
    if (device === undefined) continue;
    const upload = await uploads.find(record.deviceId, record.name);
    yield toCapture(record, { device: deviceLabel(device, device.id), name: device.name }, upload);
  }
}

function toCapture(
  record: CaptureRecord,
  device: Pick<Capture, 'device' | 'name'>,
  upload: Upload | undefined,
): Capture {
  const { state, filter, megabytes, author, startedAt, endsAt, endedAt, reason } = record;
  return {
    ...device,
    state,
    file: upload?.name ?? null,
    bytes: upload?.size ?? null,
    filter,
    megabytes,
    author,
    startedAt: new Date(startedAt).toISOString(),
    endsAt: endedAt === null ? new Date(endsAt).toISOString() : null,
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    reason,
  };
}

/**
 * The bytes of a capture, the newest of the device unless one is named. Who reads one reads what people said on their
 * phones: that is recorded.
 */
export async function* downloadCapture(
  context: OperationContext,
  input: { readonly device: string; readonly file?: string | undefined; readonly raw?: boolean | undefined },
): AsyncGenerator<Uint8Array> {
  const device = await resolveDevice(context, input.device);
  const upload = await chosen(context, device.id, input.file);
  const label = deviceLabel(device, device.id);
  await context.write(async () => [
    undefined,
    { object: `device:${label}`, result: 'done', details: { file: upload.name } },
  ]);
  const bytes = readUpload(context, upload);
  yield* input.raw === true ? bytes : unpacked(bytes);
}

async function chosen({ read }: OperationContext, deviceId: number, file: string | undefined): Promise<Upload> {
  const uploads = (await read.uploads.list(deviceId)).filter(({ kind }) => kind === 'capture');
  const wanted = file?.toLowerCase();
  const found =
    wanted === undefined
      ? uploads.toSorted((a, b) => a.receivedAt - b.receivedAt).at(-1)
      : uploads.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  throw new PhonectlError(
    'not_found',
    file === undefined ? 'There is no capture of this device.' : `There is no capture ${file} of this device.`,
    { hints: ['See what there is with `phonectl diag capture list`.'] },
  );
}
