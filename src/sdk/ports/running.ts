/** What phones were seen to run, compared with what they should (design.md section 4, the closed loop). */

/** A parameter that a phone runs with another value than we gave it. Values of secrets are masked before they come here. */
export interface Difference {
  readonly param: string;
  readonly desired: string;
  /** What the phone runs; `null` when it does not show it. */
  readonly running: string | null;
  /** The phone's own layer that wins, such as `web`; `null` when it does not tell. */
  readonly layer: string | null;
}

/** How the note of a phone begins that sets values itself; the next comparison without any settles it. */
export const OVERRIDES_NOTE = 'overrides ';

/** `phone`: it was asked. `upload`: read from the overrides that it uploaded. */
export type RunningBasis = 'phone' | 'upload';

export interface RunningRecord {
  readonly deviceId: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What it should have run at that moment. */
  readonly desired: string;
  /** Equal to `desired` when there are no differences. */
  readonly running: string;
  readonly basis: RunningBasis;
  readonly differences: readonly Difference[];
}

export interface RunningRepository {
  /** Newest comparison by device; devices that were never compared are not in the map. */
  of(deviceIds: readonly number[]): Promise<ReadonlyMap<number, RunningRecord>>;
  /** Replaces what was known; a device that is gone is left out. Sets the device's note for `--attention` as well. */
  record(records: readonly RunningRecord[]): Promise<void>;
}
