/** What two resolutions of one device differ in, secrets masked. */
import type { Effective, EffectiveParameter } from '../../domain/effective.ts';
import type { Catalogue } from '../../vendors/driver.ts';
import type { ChangeView, OriginView } from '../profiles/plan.ts';

/** A resolution with its values, and the same as it may be shown. */
export interface Comparable {
  readonly effective: Effective;
  readonly shown: Effective;
}

/** Parameters whose value differs, by name. Another layer or source with the same value is no difference for a phone. */
export function changesBetween(before: Comparable, after: Comparable, catalogue: Catalogue): readonly ChangeView[] {
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
