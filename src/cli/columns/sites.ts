/** How sites look, in lists and alone. */
import { subnetText } from '../../domain/site.ts';
import type { Site } from '../../sdk/sites/site.ts';
import type { Column } from '../view.ts';

export const SITE_COLUMNS: readonly Column<Site>[] = [
  { name: 'name' },
  { name: 'description', priority: 4 },
  { name: 'location', priority: 3 },
  { name: 'deviceCount', header: 'DEVICES', kind: 'number', priority: 1 },
  { name: 'parent', priority: 2 },
  { name: 'subnets', kind: 'list', get: (site) => site.subnets.map(subnetText), priority: 5 },
  { name: 'provisioning', extra: true },
  { name: 'autoAdd', kind: 'flag', extra: true },
  { name: 'accountCount', header: 'ACCOUNTS', kind: 'number', extra: true },
  { name: 'downloadPath', extra: true },
  { name: 'timeZone', extra: true },
  { name: 'officeHours', extra: true },
  { name: 'kind', extra: true },
  { name: 'id', kind: 'number', extra: true },
  { name: 'createdAt', kind: 'time', extra: true },
  { name: 'updatedAt', header: 'CHANGED', kind: 'time', extra: true },
];
