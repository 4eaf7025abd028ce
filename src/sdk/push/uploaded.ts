/** What a phone sets by itself, as it last uploaded it. */
import type { Driver, RunningParameter } from '../../vendors/driver.ts';
import type { OperationContext } from '../context.ts';
import { isSystemError } from '../system-error.ts';

export interface UploadedOverride extends RunningParameter {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface UploadedOverrides {
  /** False where the phone has uploaded none of its layers. */
  readonly known: boolean;
  /** Each parameter once, of the strongest layer that sets it. */
  readonly parameters: readonly UploadedOverride[];
}

export async function uploadedOverrides(
  { store, home }: Pick<OperationContext, 'store' | 'home'>,
  deviceId: number,
  driver: Driver,
): Promise<UploadedOverrides> {
  const uploads = driver.overrides.length === 0 ? [] : await store.read.uploads.list(deviceId);
  const found = new Map<string, UploadedOverride>();
  let known = false;
  for (const { layer, upload } of driver.overrides) {
    const record = uploads.find(({ name }) => name.endsWith(upload));
    const body = record && (await readUpload(home.file('uploads', record.path)));
    if (record === undefined || body === undefined) continue;
    known = true;
    // A phone that wants none of its overrides sends an empty file.
    if (body.toString('utf8').trim() === '') continue;
    for (const { name, value } of driver.parse(record.name, body).parameters) {
      if (!found.has(name)) found.set(name, { name, value, layer, at: record.receivedAt });
    }
  }
  return { known, parameters: [...found.values()] };
}

/** `undefined` for a file that was deleted since it was listed. */
async function readUpload(path: string): Promise<Buffer | undefined> {
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  try {
    return await readFile(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}
