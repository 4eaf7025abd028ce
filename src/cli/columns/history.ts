/** Revisions and collected changes on a terminal. */
import type { Change } from '../../sdk/history/changes.ts';
import type { ObjectChange, Revision } from '../../sdk/history/read.ts';
import type { Style } from '../style.ts';
import { cleanText, truncate } from '../text.ts';
import type { Column } from '../view.ts';

export const revisionColumns: readonly Column<Revision>[] = [
  { name: 'revision', header: 'REV', kind: 'number', text: ({ revision }) => String(revision) },
  { name: 'at', header: 'WHEN', kind: 'time' },
  { name: 'author', header: 'WHO', priority: 3 },
  { name: 'object', header: 'WHAT', priority: 1 },
  { name: 'reason', header: 'WHY', priority: 2 },
  { name: 'devices', header: 'PHONES', kind: 'number', priority: 4 },
  { name: 'reboot', kind: 'number', extra: true },
  { name: 'restart', kind: 'number', extra: true },
  { name: 'sites', kind: 'number', extra: true },
  { name: 'operation', extra: true },
];

export const changeColumns: readonly Column<Change>[] = [
  { name: 'name' },
  { name: 'edits', kind: 'number' },
  { name: 'author', header: 'WHO', priority: 2 },
  { name: 'updatedAt', header: 'CHANGED', kind: 'time', priority: 1 },
  { name: 'baseRevision', header: 'BEGUN AT', kind: 'number', extra: true },
  { name: 'createdAt', header: 'BEGUN', kind: 'time', extra: true },
];

const VALUE = 60;
const SIGNS = { added: ['+', 'green'], changed: ['~', 'yellow'], removed: ['-', 'red'] } as const;

/** What became of profiles and assignments, value by value. */
export function objectLines(changes: readonly ObjectChange[], style: Style): string[] {
  return changes.flatMap(({ kind, change, profile, target, values }) => {
    const [sign, colour] = SIGNS[change];
    const where = target === null ? '' : ` on ${cleanText(target)}`;
    return [
      style.paint(colour, `${sign} ${kind} "${cleanText(profile)}"${where}`),
      ...values.map(({ name, before, after }) => {
        const shown = [before, after]
          .filter((value) => value !== null)
          .map((value) => truncate(cleanText(value), VALUE));
        return `    ${cleanText(name)} ${shown.join(` ${style.symbol('arrow')} `)}`;
      }),
    ];
  });
}
