/** How the files of a device look. */
import type { DeviceFile } from '../../sdk/device-files/device-files.ts';
import { bytesText } from '../file-size.ts';
import type { Column } from '../view.ts';

export const DEVICE_FILE_COLUMNS: readonly Column<DeviceFile>[] = [
  { name: 'name' },
  { name: 'group' },
  { name: 'origin' },
  { name: 'directory', priority: 2 },
  { name: 'size', kind: 'number', text: ({ size }) => bytesText(size) },
  { name: 'at', header: 'WHEN', kind: 'time', priority: 1 },
  { name: 'device', extra: true },
];
