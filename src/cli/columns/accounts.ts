/** How accounts look, in lists and alone. */
import type { Account } from '../../sdk/accounts/account.ts';
import type { Column } from '../view.ts';

export const ACCOUNT_COLUMNS: readonly Column<Account>[] = [
  { name: 'name' },
  { name: 'type', priority: 1 },
  { name: 'username' },
  { name: 'displayName', priority: 2 },
  { name: 'server', priority: 3 },
  { name: 'device', priority: 1 },
  { name: 'line', kind: 'number', priority: 4 },
  { name: 'site', priority: 2 },
  { name: 'hasPassword', header: 'PASSWORD', kind: 'flag', extra: true },
  { name: 'authName', extra: true },
  { name: 'label', extra: true },
  { name: 'port', kind: 'number', extra: true },
  { name: 'transport', extra: true },
  { name: 'server2', extra: true },
  { name: 'port2', kind: 'number', extra: true },
  { name: 'description', extra: true },
  { name: 'id', kind: 'number', extra: true },
  { name: 'createdAt', kind: 'time', extra: true },
  { name: 'updatedAt', header: 'CHANGED', kind: 'time', extra: true },
];
