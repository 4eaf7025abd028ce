/** DIAG-22: recordings that phones sent. */
import type { DeviceSelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import { deviceLabel } from '../control/phone.ts';
import { readUpload } from '../device-files/uploads.ts';
import { resolveDevice, resolveDevices } from '../devices/references.ts';
import { notFound } from '../missing.ts';

export interface Recording {
  readonly device: string;
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  /** ISO 8601. */
  readonly receivedAt: string;
}

export async function* listRecordings(
  context: OperationContext,
  { selector }: { readonly selector: DeviceSelector },
): AsyncGenerator<Recording> {
  for await (const device of resolveDevices(context, selector)) {
    for (const { kind, name, size, receivedAt } of await context.read.uploads.list(device.id)) {
      if (kind !== 'recording') continue;
      yield {
        device: deviceLabel(device, device.id),
        name: device.name,
        file: name,
        bytes: size,
        receivedAt: new Date(receivedAt).toISOString(),
      };
    }
  }
}

/** Who listens to what people said is recorded. */
export async function* downloadRecording(
  context: OperationContext,
  input: { readonly device: string; readonly file: string },
): AsyncGenerator<Uint8Array> {
  const device = await resolveDevice(context, input.device);
  const recordings = (await context.read.uploads.list(device.id)).filter(({ kind }) => kind === 'recording');
  const upload = recordings.find(({ name }) => name === input.file.toLowerCase());
  if (upload === undefined) {
    throw notFound(
      'recording of this device',
      input.file,
      recordings.map(({ name }) => name),
    );
  }
  const object = `device:${deviceLabel(device, device.id)}`;
  await context.write(async () => [undefined, { object, result: 'done', details: { file: upload.name } }]);
  yield* readUpload(context, upload);
}
