/** How phones in the closed loop of configuration look. */
import type { ConfigStatus } from '../../sdk/push/read.ts';
import type { Column } from '../view.ts';

const SYMBOLS = {
  running: ['green', 'ok'],
  served: ['green', 'ok'],
  pending: ['yellow', 'part'],
  differs: ['red', 'fail'],
  unknown: ['grey', 'none'],
  'not-applicable': ['grey', 'none'],
} as const;

/** Enough of a digest to tell two apart. */
function short(digest: string | null): string {
  return digest === null ? '' : digest.slice(0, 8);
}

export const LOOP_COLUMNS: readonly Column<ConfigStatus>[] = [
  { name: 'device' },
  { name: 'name' },
  { name: 'model', priority: 4 },
  { name: 'site', priority: 3 },
  {
    name: 'state',
    text: ({ state }, style) => {
      const [colour, symbol] = SYMBOLS[state];
      return style.paint(colour, `${style.symbol(symbol)} ${state}`);
    },
  },
  { name: 'desired', priority: 5, text: ({ desired }) => short(desired) },
  { name: 'served', priority: 6, text: ({ served }) => short(served) },
  { name: 'servedAt', header: 'SERVED AT', kind: 'time', priority: 2 },
  { name: 'comparedAt', header: 'COMPARED', kind: 'time', priority: 1 },
  { name: 'differences', kind: 'number', get: ({ differences }) => differences.length },
  { name: 'reason', header: 'WHY', priority: 1 },
  { name: 'vendor', extra: true },
  { name: 'basis', extra: true },
  { name: 'clear', extra: true },
];
