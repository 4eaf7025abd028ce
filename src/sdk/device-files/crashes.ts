/** What is left of programs of phones that crashed (ALARM-09): found, listed, handed out. */
import type { DeviceSelector } from '../../domain/selector.ts';
import type { OperationContext } from '../context.ts';
import { deviceLabel } from '../control/phone.ts';
import { resolveDevice, resolveDevices } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import { notFound } from '../missing.ts';
import type { Upload } from '../ports/uploads.ts';
import { readUpload } from './uploads.ts';

export interface CrashFile {
  readonly device: string;
  readonly name: string;
  /** What the device ran when it was seen last. */
  readonly firmware: string | null;
  readonly file: string;
  readonly bytes: number;
  /** ISO 8601; when it arrived: phones send it when they are up again. */
  readonly receivedAt: string;
}

/** Of all devices in scope, or of those selected; of each the newest first. */
export async function* listCrashes(
  context: OperationContext,
  { selector }: { readonly selector?: DeviceSelector },
): AsyncGenerator<CrashFile> {
  for await (const { id, mac, serial, name, facts } of resolveDevices(context, selector ?? { all: true })) {
    for (const { name: file, size, receivedAt } of await crashesOf(context, id)) {
      yield {
        device: deviceLabel({ mac, serial }, id),
        name,
        firmware: facts.firmware,
        file,
        bytes: size,
        receivedAt: new Date(receivedAt).toISOString(),
      };
    }
  }
}

/** The newest unless one is named. A core holds what the phone had in its memory, passwords too: who reads it is recorded. */
export async function* downloadCrash(
  context: OperationContext,
  input: { readonly device: string; readonly file?: string | undefined },
): AsyncGenerator<Uint8Array> {
  const device = await resolveDevice(context, input.device);
  const label = deviceLabel(device, device.id);
  const upload = await chosen(context, device.id, label, input.file?.toLowerCase());
  const object = `device:${label}`;
  await context.write(async () => [undefined, { object, result: 'done', details: { file: upload.name } }]);
  yield* readUpload(context, upload);
}

async function chosen(
  context: OperationContext,
  deviceId: number,
  label: string,
  file: string | undefined,
): Promise<Upload> {
  const crashes = await crashesOf(context, deviceId);
  const found = crashes.find(({ name }) => file === undefined || name === file || name.endsWith(`/${file}`));
  if (found !== undefined) return found;
  if (file === undefined) {
    throw new PhonectlError('not_found', 'The device sent no crash file.', {
      hints: [`What else it sent: phonectl device log list ${label}`],
    });
  }
  const other = await context.read.uploads.find(deviceId, file);
  if (other === undefined) {
    throw notFound(
      'crash file of this device',
      file,
      crashes.map(({ name }) => name),
    );
  }
  throw new PhonectlError(
    'invalid_input',
    `${other.name} is no crash file, but ${KINDS[other.kind] ?? 'another file'}.`,
    {
      hints: [`phonectl device file download ${label} ${other.name}`],
    },
  );
}

/** Kinds of uploads, in words. */
const KINDS: Readonly<Record<string, string>> = {
  log: 'a log',
  override: 'a file of its own settings',
  contacts: 'a directory',
  calls: 'a list of calls',
  report: 'a report',
  capture: 'a packet capture',
  recording: 'a recording',
};

async function crashesOf({ read }: OperationContext, deviceId: number): Promise<readonly Upload[]> {
  const uploads = await read.uploads.list(deviceId);
  return uploads.filter(({ kind }) => kind === 'crash').sort((a, b) => b.receivedAt - a.receivedAt);
}
