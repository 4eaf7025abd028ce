/** A device of a reference as rendering sees it. */
import type { ConfigurationSource } from '../configuration/configuration.ts';
import type { OperationContext } from '../context.ts';
import { resolveDevice } from '../devices/references.ts';
import { PhonectlError } from '../errors.ts';
import type { ServedDevice } from '../ports/serving.ts';

/** Throws `not_found`, `ambiguous`. */
export async function servedDevice(
  context: OperationContext,
  { reader }: Pick<ConfigurationSource, 'reader'>,
  reference: string,
): Promise<ServedDevice> {
  const { id } = await resolveDevice(context, reference);
  const stored = await reader.deviceById(id);
  if (stored === undefined) throw new PhonectlError('not_found', `${reference} has just been deleted.`);
  return stored;
}
