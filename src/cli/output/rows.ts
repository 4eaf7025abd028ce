/** What the kit does to a stream of rows before it is shown: choose columns, search, filter, sort, cut. */
import { PhonectlError } from '../../sdk/errors.ts';
import { didYouMean } from '../suggest.ts';
import type { Column } from '../view.ts';
import { cellValue, exactText } from './cells.ts';

export interface SortKey {
  readonly field: string;
  readonly descending: boolean;
}

export interface Filter {
  readonly field: string;
  readonly operator: '=' | '!=' | '~';
  readonly value: string;
}

/** `a,b` chooses, `+c` adds to the default ones. Unknown fields are a usage error that lists the known ones. */
export function chooseColumns<T>(
  columns: readonly Column<T>[],
  wish: string | undefined,
  everything: boolean,
): readonly Column<T>[] {
  const standard = everything ? columns : columns.filter((column) => column.extra !== true);
  if (wish === undefined) return standard;
  const names = wish
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const added = names.filter((name) => name.startsWith('+')).map((name) => findColumn(columns, name.slice(1)));
  const named = names.filter((name) => !name.startsWith('+')).map((name) => findColumn(columns, name));
  if (named.length > 0) return [...named, ...added];
  return [...standard, ...added.filter((column) => !standard.includes(column))];
}

/** `site,-lastSeen` or `site,lastSeen:desc` (PLAT-12). */
export function parseSort<T>(columns: readonly Column<T>[], text: string | undefined): readonly SortKey[] {
  if (text === undefined || text === '') return [];
  return text.split(',').map((part) => {
    const match = /^(-?)(.*?)(?::(asc|desc))?$/.exec(part.trim());
    const column = findColumn(columns, match?.[2] ?? '');
    return { field: column.name, descending: (match?.[1] === '-') !== (match?.[3] === 'desc') };
  });
}

/** `site=Berlin`, `sip!=registered`, `name~lobby` (PLAT-07). */
export function parseFilters<T>(columns: readonly Column<T>[], texts: readonly string[] = []): readonly Filter[] {
  return texts.map((text) => {
    const match = /^([^=!~]+)(!=|=|~)(.*)$/su.exec(text);
    if (!match) {
      throw new PhonectlError('usage', `--filter wants field=value, not "${text}".`, {
        hints: [`Fields: ${columns.map((column) => column.name).join(', ')}`],
      });
    }
    const column = findColumn(columns, match[1]!.trim());
    return { field: column.name, operator: match[2] as Filter['operator'], value: match[3]! };
  });
}

function findColumn<T>(columns: readonly Column<T>[], name: string): Column<T> {
  const wanted = name.toLowerCase();
  const found = columns.find((column) => column.name.toLowerCase() === wanted);
  if (found) return found;
  const names = columns.map((column) => column.name);
  const meant = didYouMean(name, names);
  throw new PhonectlError('usage', `There is no field "${name}".`, {
    hints: [...(meant ? [meant] : []), `Fields: ${names.join(', ')}`],
    details: { field: name, fields: names },
  });
}

/** Rows that pass every filter and, when given, contain the text in any field (PLAT-05: without regard to case). */
export async function* sift<T>(
  rows: AsyncIterable<T> | Iterable<T>,
  columns: readonly Column<T>[],
  filters: readonly Filter[],
  search: string | undefined,
): AsyncGenerator<T> {
  const needle = search?.toLowerCase();
  const tests = filters.map((filter) => testOf(columns, filter));
  for await (const row of rows) {
    if (!tests.every((test) => test(row))) continue;
    if (needle !== undefined && !columns.some((column) => contains(cellValue(column, row), needle))) continue;
    yield row;
  }
}

function testOf<T>(columns: readonly Column<T>[], filter: Filter): (row: T) => boolean {
  const column = findColumn(columns, filter.field);
  const wanted = filter.value.toLowerCase();
  if (filter.operator === '~') return (row) => contains(cellValue(column, row), wanted);
  const equal = (row: T): boolean => {
    const value = cellValue(column, row);
    if (Array.isArray(value)) return value.some((item) => exactText(item).toLowerCase() === wanted);
    return exactText(value).toLowerCase() === wanted;
  };
  return filter.operator === '=' ? equal : (row) => !equal(row);
}

function contains(value: unknown, needle: string): boolean {
  return exactText(value).toLowerCase().includes(needle);
}

/** Sorts by the keys: numbers by value, text with numbers in it as people expect (bar-2 before bar-10), nothing last. */
export function sortRows<T>(rows: T[], columns: readonly Column<T>[], keys: readonly SortKey[]): T[] {
  const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const getters = keys.map((key) => ({ column: findColumn(columns, key.field), sign: key.descending ? -1 : 1 }));
  return rows.sort((a, b) => {
    for (const { column, sign } of getters) {
      const order = compare(cellValue(column, a), cellValue(column, b), sign, collator);
      if (order !== 0) return order;
    }
    return 0;
  });
}

function compare(a: unknown, b: unknown, sign: number, collator: Intl.Collator): number {
  const missingA = a === null || a === undefined || a === '';
  const missingB = b === null || b === undefined || b === '';
  if (missingA || missingB) return Number(missingA) - Number(missingB);
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
  return sign * collator.compare(exactText(a), exactText(b));
}

/** Rows `skip` to `skip + limit`; counts the rest when asked to, so that "n of m" can be said. */
export async function* cut<T>(
  rows: AsyncIterable<T>,
  skip: number,
  limit: number | undefined,
  total?: { seen: number },
): AsyncGenerator<T> {
  let index = 0;
  for await (const row of rows) {
    index += 1;
    if (total) total.seen = index;
    if (index <= skip) continue;
    if (limit === undefined || index <= skip + limit) yield row;
    if (!total && limit !== undefined && index >= skip + limit) return;
  }
}
