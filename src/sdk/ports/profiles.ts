/** Profiles, assignments and their history, as the store keeps them. */
import type { Target } from '../../domain/stack.ts';

/** A parameter at rest: a plain text, or a sealed one with the keyed hash of its text (equal texts, equal prints). */
export type StoredParameter = readonly [
  name: string,
  value: string | { readonly sealed: string; readonly print: string },
];

export interface ProfileRecord {
  readonly id: number;
  /** Names the row in sealed values: `profile:<uid>:<parameter>`. */
  readonly uid: string;
  readonly name: string;
  readonly vendor: string;
  readonly type: 'standard' | 'user' | 'software' | 'imported';
  readonly description: string;
  /** Models it is meant for; empty for all of the vendor. */
  readonly models: readonly string[];
  readonly imageId: number | null;
  readonly parameters: readonly StoredParameter[];
  readonly version: number;
  readonly modifiedBy: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface AssignmentRecord {
  readonly id: number;
  readonly profileId: number;
  readonly target: Target;
  readonly priority: number;
  readonly apply: 'auto' | 'manual';
  readonly createdAt: number;
}

export interface RevisionRecord {
  readonly id: number;
  readonly at: number;
  readonly author: string;
  readonly reason: string;
  readonly operation: string;
  /** Counts for people: phones, sites, restarts, what was edited. */
  readonly summary: Readonly<Record<string, unknown>>;
}

/** What one object was before and after a revision; `undefined` where it did not exist. */
export interface RevisionEntry {
  readonly kind: 'profile' | 'assignment';
  readonly objectId: number;
  readonly before?: ProfileRecord | AssignmentRecord;
  readonly after?: ProfileRecord | AssignmentRecord;
}

export interface ProfileRepository {
  profiles(): Promise<readonly ProfileRecord[]>;
  assignments(): Promise<readonly AssignmentRecord[]>;
  /** Writes the object as it is, with its id; used for new ones and for undoing alike. */
  putProfile(profile: ProfileRecord): Promise<void>;
  putAssignment(assignment: AssignmentRecord): Promise<void>;
  deleteProfile(id: number): Promise<void>;
  deleteAssignment(id: number): Promise<void>;
  /** Ids that no object has and none ever had. */
  nextIds(): Promise<{ profile: number; assignment: number }>;

  /** Number of the newest revision; 0 for a new fleet. */
  revision(): Promise<number>;
  addRevision(revision: Omit<RevisionRecord, 'id'>, entries: readonly RevisionEntry[]): Promise<number>;
  revisions(limit?: number): Promise<readonly RevisionRecord[]>;
  /** Entries of all revisions above `id`, newest first: what a rollback to `id` undoes. */
  entriesAbove(id: number): Promise<readonly RevisionEntry[]>;
  entriesOf(id: number): Promise<readonly RevisionEntry[]>;
}
