/** Edits of the stack that are collected under a name until they are applied as one. */
import type { Edit } from '../profiles/workspace.ts';

export interface ChangeRecord {
  readonly id: number;
  readonly name: string;
  /** In the order in which they were made. Secret values in them are sealed. */
  readonly edits: readonly Edit[];
  /** Who began it. */
  readonly author: string;
  /** Revision at which it was begun; for people, the edits apply to any later one. */
  readonly baseRevision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ChangeRepository {
  /** By name. */
  list(): Promise<readonly ChangeRecord[]>;
  find(name: string): Promise<ChangeRecord | undefined>;
  /** Begins a change, or replaces the edits of the one of that name. */
  put(change: Omit<ChangeRecord, 'id'>): Promise<void>;
  delete(name: string): Promise<void>;
}
