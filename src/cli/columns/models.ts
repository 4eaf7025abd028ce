/** How models look, in lists and alone. */
import type { Model } from '../../sdk/models/model.ts';
import type { Column } from '../view.ts';

export const MODEL_COLUMNS: readonly Column<Model>[] = [
  { name: 'name' },
  { name: 'vendor', priority: 1 },
  { name: 'family', priority: 3 },
  { name: 'maxLines', header: 'LINES', kind: 'number', priority: 4 },
  { name: 'firmware', kind: 'list', priority: 5 },
  { name: 'approved', kind: 'list', get: ({ approved }) => (approved === 'all' ? ['all'] : approved), priority: 2 },
  { name: 'deviceCount', header: 'DEVICES', kind: 'number', priority: 2 },
  { name: 'kind', extra: true },
  { name: 'idBy', extra: true },
  { name: 'aliases', kind: 'list', extra: true },
  { name: 'parts', kind: 'list', extra: true },
];
