/** Which column of a file is which: known names and their aliases; the rest is for the caller. */
import { nearest } from '../../domain/text.ts';
import { PhonectlError } from '../errors.ts';
import { type HeaderColumn, headerKey } from './table.ts';

/** Canonical name → other names for it, all as {@link headerKey} writes them. */
export type ColumnNames<K extends string> = Readonly<Record<K, readonly string[]>>;

export interface ColumnMap<K extends string> {
  /** Present columns by canonical name. */
  readonly columns: ReadonlyMap<K, HeaderColumn>;
  /** Columns that no name fits. */
  readonly others: readonly HeaderColumn[];
}

/** Throws `invalid_file` when two columns mean the same, such as `mac` and `mac_address`. */
export function mapColumns<K extends string>(header: readonly HeaderColumn[], names: ColumnNames<K>): ColumnMap<K> {
  const meaning = aliasTable(names);
  const columns = new Map<K, HeaderColumn>();
  const others: HeaderColumn[] = [];
  for (const column of header) {
    const canonical = meaning.get(column.key);
    if (canonical === undefined) {
      others.push(column);
      continue;
    }
    const other = columns.get(canonical);
    if (other !== undefined) {
      throw new PhonectlError('invalid_file', `The columns ${other.name} and ${column.name} mean the same.`, {
        hints: ['Delete one of them.'],
        details: { columns: [other.name, column.name] },
      });
    }
    columns.set(canonical, column);
  }
  return { columns, others };
}

/** Whether a header key is one of the names; for `TableOptions.known`. */
export function isColumn<K extends string>(names: ColumnNames<K>): (name: string) => boolean {
  const meaning = aliasTable(names);
  return (name) => meaning.has(headerKey(name));
}

/** The error for columns that mean nothing, with names near them. */
export function unknownColumns(unknown: readonly HeaderColumn[], known: Iterable<string>): PhonectlError {
  const candidates = [...known];
  const hints = unknown.map(({ name }) => {
    const near = nearest(headerKey(name), candidates);
    return near.length > 0 ? `${name}: did you mean ${near.join(' or ')}?` : `${name}: rename or delete this column.`;
  });
  const list = unknown.map(({ name }) => name).join(', ');
  return new PhonectlError('invalid_file', `The file has columns that phonectl does not know: ${list}.`, {
    hints: hints.slice(0, 10),
    details: { columns: unknown.map(({ name }) => name) },
  });
}

function aliasTable<K extends string>(names: ColumnNames<K>): ReadonlyMap<string, K> {
  const table = new Map<string, K>();
  for (const [canonical, aliases] of Object.entries(names) as [K, readonly string[]][]) {
    for (const alias of [canonical, ...aliases]) table.set(alias, canonical);
  }
  return table;
}
