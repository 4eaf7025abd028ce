/** MAC files: the top layer of a device, with every version that it ever had (CFG-15..18). */
import type { StoredParameter } from './profiles.ts';

export interface MacFileVersion {
  readonly id: number;
  readonly deviceId: number;
  /** Names the rows of sealed values: `mac-file:<uid>:<parameter>`. */
  readonly uid: string;
  readonly parameters: readonly StoredParameter[];
  /** Where it comes from, for people. */
  readonly source: string;
  readonly author: string;
  /** At most one of a device's versions is. */
  readonly active: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface MacFileRepository {
  /** All versions of a device, newest first. */
  history(deviceId: number): Promise<readonly MacFileVersion[]>;
  /** Of these devices, the versions that hold. */
  active(deviceIds: readonly number[]): Promise<readonly MacFileVersion[]>;
  /** Adds a version that holds from now on. Returns its id. */
  add(version: Omit<MacFileVersion, 'id' | 'active'>): Promise<number>;
  /** Makes one of the device's versions hold, or none (`null`). */
  activate(deviceId: number, id: number | null): Promise<void>;
}
