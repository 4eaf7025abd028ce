/** How firmware looks in lists and details. */
import type { Firmware } from '../../sdk/firmware/firmware.ts';
import { bytesText } from '../file-size.ts';
import type { Column } from '../view.ts';

export const FIRMWARE_COLUMNS: readonly Column<Firmware>[] = [
  { name: 'name' },
  { name: 'vendor' },
  { name: 'version' },
  { name: 'models', kind: 'list', priority: 3 },
  { name: 'size', kind: 'number', text: ({ size }) => bytesText(size), priority: 2 },
  { name: 'file', priority: 4 },
  { name: 'description', priority: 5 },
  { name: 'updatedAt', header: 'CHANGED', kind: 'time', priority: 6 },
  { name: 'id', kind: 'number', extra: true },
  { name: 'family', extra: true },
  { name: 'license', extra: true },
  { name: 'url', extra: true },
  { name: 'sha256', extra: true },
  { name: 'createdBy', extra: true },
  { name: 'createdAt', header: 'ADDED', kind: 'time', extra: true },
];
