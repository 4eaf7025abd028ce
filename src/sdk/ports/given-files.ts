/**
 * Files that tasks gave to single phones: firmware, resources. The phone's configuration names them, above what profiles
 * say, from the moment at which the task comes to it (design.md section 7: nothing jumps the queue).
 */

/** The slot of firmware; a resource's slot is its type, so that a phone has one of each (RES-11). */
export const FIRMWARE_SLOT = 'firmware';

export interface GivenFile {
  readonly deviceId: number;
  readonly slot: string;
  /** Of the image or the resource. */
  readonly fileId: number;
  /** What makes the phone fetch it; values may be references, see sdk/profiles/references.ts. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly taskId: number;
  readonly runId: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What a phone ran when a run came to it. */
export interface FirmwareBefore {
  readonly deviceId: number;
  readonly release: string | null;
}

export interface GivenFileRepository {
  /** Takes the place of what the phone had in this slot; what it had before this run is remembered. */
  give(file: GivenFile): Promise<void>;
  /** Back to what the phone had before this run gave it something; nothing if it did not. */
  withdraw(deviceId: number, slot: string, runId: number): Promise<void>;
  of(deviceIds: readonly number[]): Promise<readonly GivenFile[]>;
  /** How many phones were given one of these files. */
  givenTo(slot: string, fileIds: readonly number[]): Promise<number>;
  /** Returns how many there were. */
  remove(deviceIds: readonly number[], slot: string): Promise<number>;
  /** Kept as it was noted first. */
  noteBefore(runId: number, before: FirmwareBefore): Promise<void>;
  before(runId: number): Promise<readonly FirmwareBefore[]>;
}
