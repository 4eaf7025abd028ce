/** Profiles, assignments and their history, as the store keeps them. */

import type { Target } from '../../domain/stack.ts';
import type { DataScope } from '../context.ts';
import type { ImageFamily } from './files.ts';
import type { GivenFile } from './given-files.ts';

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

/** Where a device stands in the stack, with what a plan prints of it. */
export interface PositionRecord {
  readonly id: number;
  readonly mac: string | null;
  readonly serial: string | null;
  readonly name: string;
  /** As intended, else as the phone reported. */
  readonly vendor: string | null;
  readonly model: string | null;
  /** As the phone reported. */
  readonly firmware: string | null;
  readonly siteId: number;
  readonly siteName: string;
  /** Highest first. */
  readonly groups: readonly number[];
  /** The CSV profile's document, as stored. */
  readonly document: string | null;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

/** A place in the site tree. */
export interface SitePlace {
  readonly id: number;
  readonly parentId: number | null;
  /** `internet` for the phones outside of the company's networks. */
  readonly kind: string;
  /** Where its phones fetch firmware from; null for what the sites above it or the settings say (FW-08). */
  readonly downloadPath: string | null;
}

/** Where phones fetch firmware from when no site says anything (FW-09). */
export interface DownloadDefaults {
  readonly internet?: string;
  readonly enterprise?: string;
}

/** What parameters and profiles may refer to. */
export interface ServedFiles {
  readonly resources: readonly { readonly name: string; readonly servedAs: string }[];
  readonly images: readonly {
    readonly id: number;
    readonly family: ImageFamily;
    readonly release: string;
    readonly fileName: string;
    readonly models: readonly string[];
  }[];
}

export interface PushRecord {
  readonly assignmentId: number;
  readonly deviceId: number;
  readonly uid: string;
  readonly parameters: readonly StoredParameter[];
}

/** What a device was given of a manual assignment, and when. */
export interface PushedRecord extends PushRecord {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The parameters of a file that a task gave to one device. */
export interface GivenParameters extends Pick<GivenFile, 'slot' | 'taskId' | 'parameters'> {}

/** An account on a line of a device, without its password. */
export interface AccountLine {
  readonly deviceId: number;
  readonly line: number;
  readonly type: string;
  readonly username: string;
  readonly authName: string;
  readonly hasPassword: boolean;
  readonly displayName: string;
  readonly label: string;
  readonly server: string;
  readonly port: number | null;
  readonly transport: string | null;
  readonly server2: string;
  readonly port2: number | null;
}

/** The top layer of a device (CFG-15..18); secrets are sealed for `mac-file:<uid>`. */
export interface MacFileRecord {
  readonly id: number;
  readonly uid: string;
  readonly parameters: readonly StoredParameter[];
  /** Where it comes from, for people. */
  readonly source: string;
}

export interface ProfileRepository {
  /** Every active device of the scope, or those of `ids`, in the order of their ids. */
  positions(scope: DataScope, ids?: readonly number[]): Iterable<PositionRecord>;
  /** Changes with every revision, push, and change of the site tree, of a resource, an image or a download path; cheap enough to ask several times a second. */
  layoutVersion(): string;
  /** The same without the sites, which `sitePlaces` tells of. */
  sharedVersion(): string;
  sitePlaces(): Promise<readonly SitePlace[]>;
  /** What was pushed of manual assignments (B-08). */
  pushes(deviceIds?: readonly number[]): Promise<readonly PushedRecord[]>;
  putPushes(pushes: readonly PushRecord[], at: number): Promise<void>;
  /** The accounts on the lines of all active devices of the scope, by device and line. */
  accountLines(scope: DataScope): Iterable<AccountLine>;
  downloadDefaults(): Promise<DownloadDefaults>;
  /** The files that profiles may refer to (RES-10, FW-11). */
  servedFiles(): Promise<ServedFiles>;
  /** The MAC file that holds for a device. */
  macFile(deviceId: number): MacFileRecord | undefined;
  /** What tasks gave to this device alone: firmware, resources. */
  givenFiles(deviceId: number): readonly GivenParameters[];
  /** Ids of the devices that have any of these; for going through a whole fleet. */
  devicesWithFiles(): { readonly macFiles: ReadonlySet<number>; readonly given: ReadonlySet<number> };

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
