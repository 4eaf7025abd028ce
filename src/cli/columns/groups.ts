/** How device groups look, in lists and alone; and what is said when they were written. */
import type { Group } from '../../sdk/groups/group.ts';
import type { GroupsWritten } from '../../sdk/groups/write.ts';
import { cleanText, count } from '../text.ts';
import { type Column, type TextView, textView } from '../view.ts';

export const GROUP_COLUMNS: readonly Column<Group>[] = [
  { name: 'name' },
  { name: 'rank', kind: 'number', priority: 1 },
  { name: 'deviceCount', header: 'DEVICES', kind: 'number', priority: 1 },
  { name: 'description', priority: 2 },
  { name: 'defaultRank', header: 'DEFAULT', kind: 'number', priority: 3 },
  { name: 'id', kind: 'number', extra: true },
  { name: 'createdAt', kind: 'time', extra: true },
  { name: 'updatedAt', header: 'CHANGED', kind: 'time', extra: true },
];

/** `✔ Group lobby added.` and how many devices came and went. */
export function groupsWrittenView(done: 'added' | 'changed'): TextView<GroupsWritten> {
  return textView((result, style) => [
    ...result.groups.map(({ name }) => `${style.paint('green', style.symbol('ok'))} Group ${cleanText(name)} ${done}.`),
    ...(result.devicesAdded > 0 ? [`${count(result.devicesAdded, 'device')} put in.`] : []),
    ...(result.devicesRemoved > 0 ? [`${count(result.devicesRemoved, 'device')} taken out.`] : []),
  ]);
}
