/** Puts devices where their addresses say, after the subnets of sites have changed (B-01). */
import { SiteResolver } from '../../domain/site.ts';
import type { SiteRepository } from '../ports/sites.ts';

/** Answers which site a device with given addresses belongs to. Build it once for many devices. */
export async function siteResolver(sites: SiteRepository): Promise<SiteResolver> {
  return new SiteResolver(await sites.rules(), {
    internet: await sites.idOf('internet'),
    unlocated: await sites.idOf('company'),
  });
}

/** Moves every device whose site follows its addresses to the site that they say now; returns how many moved. */
export async function relocateDevices(sites: SiteRepository, now: number): Promise<number> {
  const resolver = await siteResolver(sites);
  const moves: { deviceId: number; siteId: number }[] = [];
  for (const device of sites.autoDevices()) {
    const { siteId } = resolver.resolve(device);
    if (siteId !== device.siteId) moves.push({ deviceId: device.id, siteId });
  }
  sites.moveDevices(moves, now);
  return moves.length;
}
