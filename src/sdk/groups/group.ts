/** A device group as people and programs see it, and finding one. */
import type { DataScope } from '../context.ts';
import { notFound } from '../missing.ts';
import type { GroupRecord, GroupRepository } from '../ports/groups.ts';

export interface Group {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  /** Order among all groups; 1 is the highest. */
  readonly rank: number;
  /** Order among the groups that auto-added devices get; null when it is none of them. */
  readonly defaultRank: number | null;
  readonly deviceCount: number;
  readonly version: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export function groupOf({ createdAt, updatedAt, ...rest }: GroupRecord): Group {
  return { ...rest, createdAt: new Date(createdAt).toISOString(), updatedAt: new Date(updatedAt).toISOString() };
}

/** Finds a group by name or id. Throws `not_found` with the nearest names. */
export async function requireGroup(groups: GroupRepository, reference: string, scope: DataScope): Promise<GroupRecord> {
  const group = await groups.find(reference, scope);
  if (group === undefined) throw notFound('group', reference, await groups.names());
  return group;
}
