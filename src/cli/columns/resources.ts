/** How files for phones look. */
import type { Resource } from '../../sdk/resources/resources.ts';
import { bytesText } from '../file-size.ts';
import type { Column } from '../view.ts';

export const RESOURCE_COLUMNS: readonly Column<Resource>[] = [
  { name: 'name' },
  { name: 'file' },
  { name: 'type', priority: 2 },
  { name: 'size', kind: 'number', text: ({ size }) => bytesText(size) },
  { name: 'models', kind: 'list', priority: 4 },
  { name: 'description', priority: 5 },
  { name: 'updatedAt', header: 'CHANGED', kind: 'time', priority: 3 },
  { name: 'id', kind: 'number', extra: true },
  { name: 'url', extra: true },
  { name: 'sha256', extra: true },
  { name: 'createdBy', extra: true },
  { name: 'createdAt', header: 'ADDED', kind: 'time', extra: true },
];
