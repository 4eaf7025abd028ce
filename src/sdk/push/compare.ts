/** What a phone should run beside what it runs: the last step of the closed loop. Pure. */
import type { EffectiveParameter } from '../../domain/effective.ts';
import type { CatalogueEntry, Driver, RunningParameter } from '../../vendors/driver.ts';
import type { Resolved } from '../configuration/configuration.ts';
import { MASK } from '../configuration/mask.ts';
import type { Difference } from '../ports/running.ts';

export interface Comparison {
  /** By name. */
  readonly differences: readonly Difference[];
  /** How many parameters could be compared; the phone does not know or show the others. */
  readonly compared: number;
}

/** Compares what the phone told with what it should run. What it does not know or show is no difference. */
export function compare({ driver, effective }: Resolved, running: readonly RunningParameter[]): Comparison {
  const differences: Difference[] = [];
  let compared = 0;
  for (const { name, value, layer } of running) {
    const desired = effective.get(name);
    if (desired === undefined || value === undefined) continue;
    compared += 1;
    const entry = driver.catalogue.find(name);
    if (isSame(entry, desired.value, value)) continue;
    differences.push(difference(desired, value, layer, entry));
  }
  return { differences: differences.sort((a, b) => (a.param < b.param ? -1 : 1)), compared };
}

/** Values of secrets never leave here: that they differ is all that anybody needs to know. */
function difference(
  desired: EffectiveParameter,
  running: string,
  layer: string | undefined,
  entry: CatalogueEntry | undefined,
): Difference {
  const secret = desired.secret === true || entry?.secret === true;
  return {
    param: desired.name,
    desired: secret ? MASK : desired.value,
    running: secret ? MASK : running,
    layer: layer ?? null,
  };
}

const TRUE = /^(?:1|true|yes|on|enabled)$/i;
const FALSE = /^(?:0|false|no|off|disabled)$/i;

/** Phones fold line breaks of certificates into blanks, and spell truth in their own way. */
function isSame(entry: CatalogueEntry | undefined, desired: string, running: string): boolean {
  const [a, b] = [plain(desired), plain(running)];
  if (a === b) return true;
  if (entry?.type !== 'boolean') return false;
  return (TRUE.test(a) && TRUE.test(b)) || (FALSE.test(a) && FALSE.test(b));
}

function plain(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}

/** The phone's own layers in which these differences lie; empty when it has simply not applied what it was given. */
export function overridingLayers({ overrides }: Driver, differences: readonly Difference[]): readonly string[] {
  const layers = new Set(differences.map(({ layer }) => layer));
  return overrides.filter(({ layer }) => layers.has(layer)).map(({ layer }) => layer);
}
