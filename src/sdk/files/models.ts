/** Model names in what people write about files. */
import { loadModels } from '../../vendors/models.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';

/** The catalogue's spelling of each model. Throws `not_found` with what is near. */
export async function canonicalModels(
  { home }: Pick<OperationContext, 'home'>,
  names: readonly string[],
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const catalogue = await loadModels(home);
  return names.map((name) => {
    const model = catalogue.find(name);
    if (model !== undefined) return model.name;
    const near = catalogue.suggest(name);
    throw new PhonectlError('not_found', `There is no model "${name}".`, {
      hints: near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : ['List them with `phonectl model list`.'],
    });
  });
}
