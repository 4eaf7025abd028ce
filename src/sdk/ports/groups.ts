/** Device groups: logical sets of devices for provisioning, ordered (GRP-01, B-09). */
import type { DataScope } from '../context.ts';
import type { ListQuery } from './sites.ts';

export interface GroupRecord {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  /** Order among all groups; 1 is the highest. New groups come last. */
  readonly rank: number;
  /** Order among the default groups (GRP-06); null when it is none. */
  readonly defaultRank: number | null;
  /** Devices in it that are in scope. */
  readonly deviceCount: number;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface GroupRepository {
  /** By rank unless sorted otherwise. */
  list(query: ListQuery): AsyncIterable<GroupRecord>;
  /** By name or, when no group has that name, by id. */
  find(reference: string, scope: DataScope): Promise<GroupRecord | undefined>;
  /** Throws `not_found`; for ids that were just looked up. */
  get(id: number): Promise<GroupRecord>;
  names(): Promise<readonly string[]>;
  /** Comes last in rank. Throws `exists`. Returns the id. */
  insert(data: { readonly name: string; readonly description: string }, now: number): Promise<number>;
  /** Throws `exists` when a new name is taken. */
  update(id: number, changes: { readonly name?: string; readonly description?: string }, now: number): Promise<void>;
  /** With all associations (GRP-04). */
  delete(ids: readonly number[], now: number): Promise<void>;
  /** The group becomes each device's lowest. Returns how many were not in it yet. */
  addMembers(id: number, deviceIds: readonly number[], now: number): Promise<number>;
  /** Returns how many were in it. */
  removeMembers(id: number, deviceIds: readonly number[], now: number): Promise<number>;
  /** First in rank, and the highest group of each of its devices (GRP-05). */
  moveToTop(id: number, now: number): Promise<void>;
  /** Puts all groups in this order of rank; the ids must be all of them. */
  setRanks(ids: readonly number[], now: number): Promise<void>;
  /** Groups that auto-added devices get, in order (GRP-06). */
  setDefaults(ids: readonly number[], now: number): Promise<void>;
}
