/** The stack as it was at an earlier revision, as a layer beside the others as they are now. */
import type { Stack } from '../../domain/stack.ts';
import { indexStack, profileSources } from '../../domain/stack.ts';
import type { ConfigurationSource } from '../configuration/configuration.ts';
import type { LayerProvider } from '../configuration/layers.ts';
import type { OperationContext } from '../context.ts';
import { ProfileLayers } from '../profiles/layers.ts';
import { openProfile } from '../profiles/parameters.ts';
import { surroundings, toPosition } from '../profiles/positions.ts';
import { addressesOf, withAddresses } from '../profiles/references.ts';
import { Workspace } from '../profiles/workspace.ts';
import { requireRevision } from './read.ts';

/** The same source with the profiles and assignments of a revision; accounts, sites and groups are today's. */
export async function sourceAt(
  context: OperationContext,
  source: ConfigurationSource,
  revision: number,
): Promise<ConfigurationSource> {
  const layers = source.layers.filter((layer) => !(layer instanceof ProfileLayers));
  return { ...source, layers: [...layers, await pastLayer(context, revision)] };
}

async function pastLayer(context: OperationContext, revision: number): Promise<LayerProvider> {
  const { profiles } = context.read;
  await requireRevision(context, revision);
  const workspace = await Workspace.load(profiles);
  workspace.undo(await profiles.entriesAbove(revision));
  const stack: Stack = workspace.stacks((record) => openProfile(record, context.secrets)).after;
  const index = indexStack(stack);
  const shared = await surroundings(profiles, { secrets: context.secrets });
  const addresses = addressesOf(await profiles.servedFiles());
  return {
    sources({ stored, base }) {
      const [record] = [...profiles.positions('all', [stored.id])];
      const position = record && toPosition({ ...record, vendor: stored.vendor, model: stored.model }, shared);
      if (position === undefined) return [];
      const { model, siteId } = stored;
      const phone = {
        vendor: position.vendor,
        model,
        serverUrl: base.serverUrl,
        downloadUrl: shared.downloadUrl(siteId),
      };
      return withAddresses(profileSources(index, position), addresses, phone);
    },
  };
}
