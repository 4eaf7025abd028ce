/** A device that was announced may come and fetch its own credential for a while (design.md section 6). */
import type { Repositories } from '../ports/store.ts';

/** How long the enrolment window of an added or imported device stays open. Milliseconds. */
export const ENROLMENT_WINDOW = 72 * 60 * 60 * 1000;

/** Opens the windows of new devices to the networks of their sites. */
export async function openWindows(
  repositories: Repositories,
  deviceIds: readonly number[],
  now: number,
): Promise<void> {
  const networks = await repositories.enrolments.siteNetworks(deviceIds);
  await repositories.enrolments.open(
    deviceIds.map((deviceId) => ({
      deviceId,
      openedAt: now,
      closesAt: now + ENROLMENT_WINDOW,
      networks: networks.get(deviceId) ?? [],
    })),
  );
}
