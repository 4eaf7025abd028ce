/** How a parameter of the catalogues looks. */
import type { CatalogParameter } from '../../sdk/catalogs/catalogs.ts';
import type { Column } from '../view.ts';

export const PARAMETER_COLUMNS: readonly Column<CatalogParameter>[] = [
  { name: 'name' },
  { name: 'vendor', priority: 3 },
  { name: 'type', priority: 1 },
  { name: 'takes', get: rangeOf, priority: 2 },
  { name: 'default', priority: 4 },
  { name: 'causes', priority: 3 },
  { name: 'secret', kind: 'flag', priority: 5 },
  { name: 'description', priority: 6 },
  { name: 'models', kind: 'list', extra: true },
  { name: 'firmware', extra: true },
];

/** `10 to 300`, `0 to 256 characters`, `abs, rel, random`. */
function rangeOf({ type, min, max, values }: CatalogParameter): string {
  if (values.length > 0) return values.join(', ');
  if (type === 'boolean') return '0, 1';
  if (min === null && max === null) return '';
  const unit = type === 'integer' ? '' : ' characters';
  if (max === null) return `${min} or more${unit}`;
  return `${min ?? ''}${min === null ? 'at most ' : ' to '}${max}${unit}`;
}
