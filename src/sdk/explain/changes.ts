/** What two resolutions of one device differ in, secrets masked. */
import type { Effective, EffectiveParameter } from '../../domain/effective.ts';
import type { Catalogue } from '../../vendors/driver.ts';
import type { Resolved } from '../configuration/configuration.ts';
import type { OperationContext } from '../context.ts';
import type { ServedDevice } from '../ports/serving.ts';
import type { ChangeView, OriginView } from '../profiles/plan.ts';
import { masked } from './view.ts';

/** A resolved device with what is needed to mask its secrets; `undefined` for one that is given nothing. */
export interface Side {
  readonly context: Pick<OperationContext, 'read' | 'secrets'>;
  readonly stored: ServedDevice;
  readonly resolved: Resolved | undefined;
}

/** What the phone gets when it goes from one side to the other. */
export async function changesFor(before: Side, after: Side): Promise<readonly ChangeView[]> {
  const [old, now] = [before.resolved, after.resolved];
  const catalogue = (now ?? old)?.driver.catalogue;
  // Most phones are alike on both sides, and masking costs more than resolving.
  if (catalogue === undefined || old?.digest === now?.digest) return [];
  return changesBetween(await comparable(before), await comparable(after), catalogue);
}

async function comparable({ context, stored, resolved }: Side): Promise<Comparable> {
  if (resolved === undefined) return { effective: new Map(), shown: new Map() };
  return { effective: resolved.effective, shown: await masked(context, stored, resolved) };
}

/** A resolution with its values, and the same as it may be shown. */
interface Comparable {
  readonly effective: Effective;
  readonly shown: Effective;
}

/** Parameters whose value differs, by name. Another layer or source with the same value is no difference for a phone. */
function changesBetween(before: Comparable, after: Comparable, catalogue: Catalogue): readonly ChangeView[] {
  const names = new Set([...before.effective.keys(), ...after.effective.keys()]);
  return [...names].sort().flatMap((name) => {
    const [old, now] = [before.effective.get(name), after.effective.get(name)];
    if (old?.value === now?.value) return [];
    return [
      {
        param: name,
        kind: old === undefined ? 'added' : now === undefined ? 'removed' : 'changed',
        before: originOf(before.shown.get(name)),
        after: originOf(after.shown.get(name)),
        causes: catalogue.find(name)?.causes ?? 'restart',
      } as const,
    ];
  });
}

function originOf(parameter: EffectiveParameter | undefined): OriginView | null {
  return parameter === undefined ? null : { value: parameter.value, layer: parameter.layer, source: parameter.source };
}
