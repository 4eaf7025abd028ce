/** Firmware images by name: what `firmware:` in a profile file refers to. */
import { nameKey } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';

/** Ids by name key. An image's name is that of the software profile that was made for it (FW-11). */
export async function imageIds({ read }: Pick<OperationContext, 'read'>): Promise<ReadonlyMap<string, number>> {
  const ids = new Map<string, number>();
  for (const { type, name, imageId } of await read.profiles.profiles()) {
    if (type === 'software' && imageId !== null) ids.set(nameKey(name), imageId);
  }
  return ids;
}

/** Names by id. */
export async function imageNames({ read }: Pick<OperationContext, 'read'>): Promise<ReadonlyMap<number, string>> {
  const names = new Map<number, string>();
  for (const { type, name, imageId } of await read.profiles.profiles()) {
    if (type === 'software' && imageId !== null) names.set(imageId, name);
  }
  return names;
}
