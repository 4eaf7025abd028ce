/** Firmware images by name: what `firmware:` in a profile file refers to. */
import { nameKey } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';

/** Ids by name key. */
export async function imageIds({ read }: Pick<OperationContext, 'read'>): Promise<ReadonlyMap<string, number>> {
  return new Map((await read.images.list()).map(({ id, name }) => [nameKey(name), id]));
}

/** Names by id. */
export async function imageNames({ read }: Pick<OperationContext, 'read'>): Promise<ReadonlyMap<number, string>> {
  return new Map((await read.images.list()).map(({ id, name }) => [id, name]));
}
