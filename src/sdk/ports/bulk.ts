/**
 * Writing very many devices. Rows are staged in a scratch database beside the fleet's, checked there against the fleet
 * with set-wise SQL, then applied in batches that each hold the lock for a moment only (design.md section 8).
 */
import type { DataScope } from '../context.ts';
import type { RowError } from '../csv/report.ts';
import type { DeviceData } from './devices.ts';

/** What a device is; many rows share one. */
export type StagedKind = Pick<DeviceData, 'vendor' | 'model' | 'family'> & {
  readonly kind: DeviceData['kind'] | null;
  /** False when the vendor was only guessed, from the MAC or the parameters. */
  readonly vendorSaid: boolean;
};

/** A row that is good by itself. `null` is a cell that says nothing. */
export interface StagedDevice {
  /** Position in the file, from 1. */
  readonly n: number;
  readonly line: number;
  readonly mac: string | null;
  readonly serial: string | null;
  /** From {@link BulkDevices.kind}. */
  readonly kind: number;
  readonly machineId: string | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly siteId: number | null;
  readonly siteMode: 'auto' | 'pinned' | null;
  readonly privateIp: string | null;
  readonly controlUrl: string | null;
  readonly port: string | null;
  /** JSON. */
  readonly tags: string | null;
  /** Ids in order. */
  readonly groups: readonly number[] | null;
  /** The CSV profile, secrets sealed. */
  readonly document: string | null;
  readonly accounts: readonly StagedAccount[];
  /** The row as it came, for writing rejected rows back. */
  readonly cells: readonly string[] | null;
}

export interface StagedAccount {
  readonly line: number;
  readonly column: string;
  readonly reference: string;
}

/** What the file and the fleet say of one device. */
export interface StagedPair {
  readonly staged: StagedValues;
  readonly current: CurrentValues;
}

export interface StagedValues extends Omit<StagedDevice, 'kind' | 'accounts' | 'cells'> {
  readonly what: StagedKind;
  readonly lines: readonly LineOf[];
}

export interface CurrentValues extends Omit<DeviceData, 'tags' | 'origin' | 'replacedBy'> {
  readonly id: number;
  readonly tags: string;
  readonly groups: readonly number[];
  readonly lines: readonly LineOf[];
}

export interface LineOf {
  readonly line: number;
  readonly accountId: number;
}

/** The fields of a device that an import can change. */
export type ImportedFields = Pick<
  DeviceData,
  | 'mac'
  | 'serial'
  | 'machineId'
  | 'kind'
  | 'vendor'
  | 'model'
  | 'family'
  | 'name'
  | 'description'
  | 'siteId'
  | 'siteMode'
  | 'privateIp'
  | 'controlUrl'
  | 'port'
  | 'document'
> & { readonly tags: string };

/** What becomes of an existing device; absent parts stay. */
export interface DeviceUpdate {
  readonly fields: ImportedFields;
  readonly groups?: readonly number[];
  readonly lines?: readonly LineOf[];
}

export type Outcome = 'create' | 'update' | 'unchanged' | 'skip' | 'reject';

export interface StagedCounts {
  readonly rows: number;
  readonly create: number;
  readonly update: number;
  readonly unchanged: number;
  readonly skip: number;
  readonly reject: number;
}

export interface Applied {
  readonly created: number;
  readonly updated: number;
  /** Accounts that left other devices' lines. */
  readonly accountsMoved: number;
}

/** Whether rows say anything of accounts and groups; where not, those of existing devices are not even read. */
export interface BulkColumns {
  readonly accounts: boolean;
  readonly groups: boolean;
}

export interface ApplyOptions {
  readonly now: number;
  /** When the enrolment windows of new devices close. */
  readonly windowEnds: number;
  /** Groups of new devices whose row names none (B-28). */
  readonly defaultGroups: readonly number[];
}

export interface BulkDevices {
  /** Number of a kind, the same for the same kind. */
  kind(kind: StagedKind): number;
  stage(rows: readonly StagedDevice[]): void;
  /** `n` of the row, and the row as it came where it is to be written back. */
  reject(n: number, cells: readonly string[] | null, errors: readonly RowError[]): void;
  /**
   * Looks up what rows refer to: devices that exist, accounts, accounts that the file names twice. Rejects rows by it;
   * returns what is worth saying. `keeps`: some row wants a secret kept that only an existing device can have.
   */
  resolve(scope: DataScope, keeps: boolean): readonly string[];
  /** Decides about every row whose device exists. */
  classify(decide: (pair: StagedPair) => Exclude<Outcome, 'create' | 'reject'>): void;
  counts(): StagedCounts;
  errors(limit: number): readonly RowError[];
  /** Rejected rows in the order of the file, with their reasons. */
  rejected(): Iterable<{ readonly cells: readonly string[]; readonly errors: readonly RowError[] }>;
  /** Every row and what becomes of it. */
  outcomes(): Iterable<{ readonly line: number; readonly device: string; readonly outcome: Outcome }>;
  /** How many rows there are to apply from; the last `n`. */
  readonly last: number;
  /**
   * Applies the rows `first` to `last` in one transaction. `plan` is asked again for existing devices, since they may
   * have changed meanwhile.
   */
  apply(
    range: { readonly first: number; readonly last: number },
    plan: (pair: StagedPair) => DeviceUpdate | undefined,
    options: ApplyOptions,
  ): Promise<Applied>;
  /** Removes the scratch database. */
  close(): Promise<void>;
}
