/** What cells name, found once for each different cell. */
import { nameKey, nearest } from '../../../domain/text.ts';
import { shown } from '../../csv/report.ts';

/** By name key. */
export type Named = ReadonlyMap<string, { readonly id: number; readonly name: string }>;

/** What a cell stands for, or why it stands for nothing. */
export type Found<T> =
  | { readonly value: T }
  | { readonly problem: { readonly reason: string; readonly remedy: string } };

/** Caches hold at most this much; a file with more different cells starts over. */
const CACHE = 20_000;

/** The cached value, made when it is not there. */
export function remembered<T>(cache: Map<string, T>, key: string, make: () => T): T {
  let value = cache.get(key);
  if (value === undefined) {
    if (cache.size >= CACHE) cache.clear();
    value = make();
    cache.set(key, value);
  }
  return value;
}

export function findNamed(what: string, name: string, all: Named): Found<number> {
  const found = all.get(nameKey(name));
  if (found !== undefined) return { value: found.id };
  const near = nearest(
    name,
    [...all.values()].map((entry) => entry.name),
  );
  return {
    problem: {
      reason: `There is no ${what} "${shown(name)}".`,
      remedy: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Add it first: phonectl ${what} add.`,
    },
  };
}

/** CSV-07: names separated by a vertical bar, in order of priority. */
export function findGroups(cell: string, all: Named): Found<readonly number[]> {
  const ids = new Set<number>();
  for (const name of cell.split('|').map((part) => part.trim())) {
    if (name === '') continue;
    const group = findNamed('group', name, all);
    if ('problem' in group) return group;
    ids.add(group.value);
  }
  return { value: [...ids] };
}
