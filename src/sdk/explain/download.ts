/** Where phones fetch firmware from, below the profiles: the site's path, then the fleet's (FW-08, FW-09, SITE-21). */
import type { LayerSource } from '../../domain/effective.ts';
import type { OperationContext } from '../context.ts';
import type { ServedDevice } from '../ports/serving.ts';
import { siteChains } from '../profiles/positions.ts';

/** Low to high. */
export async function downloadSources(
  { read }: Pick<OperationContext, 'read'>,
  stored: Pick<ServedDevice, 'siteId'>,
): Promise<readonly LayerSource[]> {
  const sources: LayerSource[] = [];
  const url = await read.settings.get<string>('provisioning.url');
  if (url !== undefined) sources.push(path('base', 'provisioning URL', url));
  const chain = siteChains(await read.profiles.sitePlaces()).get(stored.siteId) ?? [stored.siteId];
  const own = await read.sites.get(stored.siteId);
  const settings = await read.settings.get<Record<string, string>>('provisioning.downloadPath');
  const area = own.kind === 'internet' ? 'internet' : 'enterprise';
  const general = settings?.[area];
  if (general !== undefined) sources.push(path('global', `provisioning settings, ${area}`, general));
  for (const id of chain.toReversed()) {
    const site = await read.sites.get(id);
    if (site.downloadPath !== null) sources.push(path('site', `site ${site.name}`, site.downloadPath));
  }
  return sources;
}

function path(layer: LayerSource['layer'], source: string, value: string): LayerSource {
  return { layer, source, parameters: [{ name: 'downloadPath', value }] };
}
