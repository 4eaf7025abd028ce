/** Logs, reports, captures, recordings and crash files of phones are kept for some days and then removed (PROV-15, LOG-07). */
import type { OperationContext } from '../context.ts';
import { removeUploads } from './device-files.ts';

const DAY = 86_400_000;
export const RETENTION_SETTING = 'provisioning.uploadDays';
/** LOG-07. */
export const DEFAULT_DAYS = 10;

const KINDS = ['log', 'report', 'capture', 'recording', 'crash'];

type Context = Pick<OperationContext, 'store' | 'home' | 'clock'>;

/** Removes what is older than the setting says; returns how many files that were. Overrides and contacts stay. */
export async function removeOldUploads({ store, home, clock }: Context): Promise<number> {
  const days = (await store.read.settings.get<number>(RETENTION_SETTING)) ?? DEFAULT_DAYS;
  const before = clock.now() - days * DAY;
  const old = await store.read.uploads.receivedBefore(before, KINDS);
  if (old.length === 0) return 0;
  await store.transaction(async ({ captures, uploads }) => {
    await captures.deleteEndedBefore(before);
    for (const { deviceId, name } of old) await uploads.delete(deviceId, name);
  });
  await removeUploads({ home }, old);
  return old.length;
}

const EVERY = 3_600_000;

/** Does so every hour until the signal aborts; part of `serve`. What goes wrong is told, and tried again. */
export async function keepRemovingOldUploads(
  context: Context,
  signal: AbortSignal,
  onTrouble: (message: string) => void,
): Promise<void> {
  const { setTimeout: wait } = process.getBuiltinModule('node:timers/promises');
  while (!signal.aborted) {
    await removeOldUploads(context).catch((error: unknown) => {
      onTrouble(`Old logs could not be removed: ${error instanceof Error ? error.message : String(error)}`);
    });
    await wait(EVERY, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
