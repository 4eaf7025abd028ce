/** `@resource:NAME` in a parameter stands for the address under which a resource is served (RES-10). */
import type { LayerSource, Parameter } from '../../domain/effective.ts';
import { nameKey } from '../../domain/text.ts';
import type { OperationContext } from '../context.ts';
import { notFound } from '../missing.ts';

export const RESOURCE = '@resource:';

/** Path below the server's URL by the resource's name, compared without case. */
export type ResourcePaths = ReadonlyMap<string, string>;

export function resourcePaths(
  resources: readonly { readonly name: string; readonly servedAs: string }[],
): ResourcePaths {
  return new Map(resources.map(({ name, servedAs }) => [nameKey(name), encodeURIComponent(servedAs)]));
}

/**
 * The sources with addresses in the place of references. A parameter whose resource is gone is left out: the phone then
 * has its own default instead of a text that is no address; `profile lint` tells.
 */
export function withAddresses(
  sources: readonly LayerSource[],
  paths: ResourcePaths,
  serverUrl: string,
): readonly LayerSource[] {
  return sources.map((source) => {
    if (!source.parameters.some(isReference)) return source;
    const parameters = source.parameters.flatMap((parameter) => {
      if (!isReference(parameter)) return [parameter];
      const path = paths.get(nameKey(parameter.value.slice(RESOURCE.length)));
      return path === undefined ? [] : [{ ...parameter, value: `${serverUrl}${path}` }];
    });
    return { ...source, parameters };
  });
}

function isReference({ value }: Parameter): boolean {
  return value.startsWith(RESOURCE);
}

/** References to resources that there are none of. */
export async function missingResources(
  { read }: Pick<OperationContext, 'read'>,
  parameters: readonly Parameter[],
): Promise<readonly Parameter[]> {
  const references = parameters.filter(isReference);
  if (references.length === 0) return [];
  const paths = resourcePaths(await read.resources.list());
  return references.filter(({ value }) => !paths.has(nameKey(value.slice(RESOURCE.length))));
}

/** Throws `not_found` with the nearest names. */
export async function requireResources(
  context: Pick<OperationContext, 'read'>,
  parameters: readonly Parameter[],
): Promise<void> {
  const [missing] = await missingResources(context, parameters);
  if (missing === undefined) return;
  const names = (await context.read.resources.list()).map(({ name }) => name);
  throw notFound('resource', missing.value.slice(RESOURCE.length), names);
}
