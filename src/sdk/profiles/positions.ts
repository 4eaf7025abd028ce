/** From the store's rows to positions in the stack. */
import type { Position, Pushed } from '../../domain/stack.ts';
import type { PositionRecord, ProfileRepository, PushRecord, SitePlace } from '../ports/profiles.ts';
import type { SecretBox } from '../ports/secrets.ts';
import { closed, open } from './parameters.ts';

/** What all positions of a fleet share; read once. */
export interface Surroundings {
  /** The site and the sites above it, nearest first, by site id. */
  readonly chains: ReadonlyMap<number, readonly number[]>;
  /** Where phones of a site fetch firmware from, when it is not the server: what the site says, else the settings (FW-08). */
  downloadUrl(siteId: number): string | undefined;
  /** What was pushed, by device id. */
  readonly pushes: ReadonlyMap<number, readonly Pushed[]>;
}

/** With `secrets` the pushed parameters are opened, for rendering; without, prints stand for secrets. */
export async function surroundings(
  repository: ProfileRepository,
  options: { readonly deviceIds?: readonly number[]; readonly secrets?: SecretBox } = {},
): Promise<Surroundings> {
  const [places, pushes, defaults] = await Promise.all([
    repository.sitePlaces(),
    repository.pushes(options.deviceIds),
    repository.downloadDefaults(),
  ]);
  const chains = siteChains(places);
  const paths = new Map(places.flatMap(({ id, downloadPath }) => (downloadPath === null ? [] : [[id, downloadPath]])));
  const outside = new Set(places.filter(({ kind }) => kind === 'internet').map(({ id }) => id));
  return {
    chains,
    pushes: pushedByDevice(pushes, options.secrets),
    downloadUrl(siteId) {
      const nearest = chains.get(siteId)?.find((id) => paths.has(id));
      const general = outside.has(siteId) ? defaults.internet : defaults.enterprise;
      const path = nearest === undefined ? general : paths.get(nearest);
      return path?.replace(/\/*$/, '/');
    },
  };
}

/** Every site with the sites above it, nearest first. */
export function siteChains(
  places: readonly Pick<SitePlace, 'id' | 'parentId'>[],
): ReadonlyMap<number, readonly number[]> {
  const parents = new Map(places.map(({ id, parentId }) => [id, parentId]));
  const chains = new Map<number, readonly number[]>();
  for (const { id } of places) {
    const chain: number[] = [];
    // The store refuses cycles; a damaged one must still end.
    for (let at: number | null | undefined = id; at != null && !chain.includes(at); at = parents.get(at))
      chain.push(at);
    chains.set(id, chain);
  }
  return chains;
}

function pushedByDevice(pushes: readonly PushRecord[], secrets?: SecretBox): ReadonlyMap<number, readonly Pushed[]> {
  const byDevice = new Map<number, Pushed[]>();
  for (const { assignmentId, deviceId, uid, parameters } of pushes) {
    const pushed: Pushed = {
      assignmentId,
      parameters: secrets === undefined ? closed(parameters) : open(`push:${uid}`, parameters, secrets),
    };
    const list = byDevice.get(deviceId);
    if (list === undefined) byDevice.set(deviceId, [pushed]);
    else list.push(pushed);
  }
  return byDevice;
}

/** `undefined` for a device whose vendor nobody knows yet: no profile reaches it. */
export function toPosition(
  record: PositionRecord,
  { chains, pushes }: Pick<Surroundings, 'chains' | 'pushes'>,
): Position | undefined {
  if (record.vendor === null) return undefined;
  const pushed = pushes.get(record.id);
  return {
    id: record.id,
    vendor: record.vendor,
    ...(record.model !== null && { model: record.model }),
    sites: chains.get(record.siteId) ?? [record.siteId],
    groups: record.groups,
    ...(pushed && { pushed }),
  };
}
