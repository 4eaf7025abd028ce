/** Effective parameters as they may be shown: secrets masked, with the layer and the source of every value. */
import type { Effective } from '../../domain/effective.ts';
import { type ConfigurationSource, type Resolved, resolveFor } from '../configuration/configuration.ts';
import { openCredential } from '../configuration/credentials.ts';
import { maskEffective } from '../configuration/mask.ts';
import type { OperationContext } from '../context.ts';
import type { ServedDevice } from '../ports/serving.ts';

export interface ShownEffective extends Resolved {
  /** With every secret masked. */
  readonly shown: Effective;
}

/** Resolves a device and masks what must not be shown. Throws `conflict` when its vendor is not known. */
export async function shownFor(
  context: OperationContext,
  source: ConfigurationSource,
  stored: ServedDevice,
): Promise<ShownEffective> {
  const resolved = await resolveFor(source, stored);
  return { ...resolved, shown: await masked(context, stored, resolved) };
}

/** Masks secret parameters, and the device's own credentials wherever they stand inside other values. */
export async function masked(
  context: Pick<OperationContext, 'read' | 'secrets'>,
  stored: ServedDevice,
  { driver, effective }: Pick<Resolved, 'driver' | 'effective'>,
): Promise<Effective> {
  const rows = await context.read.credentials.list(stored.id);
  const own = rows.map((row) => openCredential(context.secrets, stored, row).password);
  return maskEffective(effective, (name) => driver.catalogue.find(name)?.secret === true, own);
}
