/** The bytes of what phones sent. */
import type { OperationContext } from '../context.ts';
import { redactorFor } from '../diagnostics/redact.ts';
import { PhonectlError } from '../errors.ts';
import type { DeviceRecord } from '../ports/devices.ts';
import type { Upload } from '../ports/uploads.ts';
import { isSystemError } from '../system-error.ts';

/** As they came. Throws `not_found` when they were deleted meanwhile. */
export async function* readUpload(
  { home }: Pick<OperationContext, 'home'>,
  { path, name }: Upload,
): AsyncGenerator<Uint8Array> {
  const { createReadStream } = process.getBuiltinModule('node:fs');
  try {
    yield* createReadStream(home.file('uploads', path)) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
    throw new PhonectlError('not_found', `${name} was deleted meanwhile.`, { cause: error });
  }
}

/** Without secrets. A secret may stand across two chunks, so that the whole is held: the server takes 16 MB at the most. */
export async function* readClean(
  context: OperationContext,
  device: DeviceRecord,
  upload: Upload,
): AsyncGenerator<Uint8Array> {
  const redactor = await redactorFor(context, device);
  yield redactor.file(Buffer.concat(await Array.fromAsync(readUpload(context, upload))));
}
