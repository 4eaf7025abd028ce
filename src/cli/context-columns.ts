import type { ContextEntry } from './contexts.ts';
import type { Column } from './view.ts';

export const contextColumns: readonly Column<ContextEntry>[] = [
  { name: 'name' },
  { name: 'active', kind: 'flag' },
  { name: 'server', text: (context) => context.server || '(this machine)' },
  { name: 'credentials', priority: 2 },
  { name: 'keyId', header: 'KEY', priority: 3 },
  { name: 'ca', priority: 4 },
];
