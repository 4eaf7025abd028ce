/** Packet captures of phones: what runs, and what came of it. The bytes are uploads of the kind `capture`. */

export type CaptureState = 'starting' | 'running' | 'stopping' | 'done' | 'cancelled' | 'failed';

export interface CaptureRecord {
  readonly id: number;
  readonly deviceId: number;
  /** 32 hex digits: part of the URL that the phone sends the capture to. */
  readonly token: string;
  /** Name of the upload, `<mac>_<YYYY.MM.DD>_<hhmmss>.pcap` (DIAG-15). */
  readonly name: string;
  readonly state: CaptureState;
  /** Packet capture was switched on for it, and is switched off after it. */
  readonly switched: boolean;
  /** As the phone was given it; '' for everything. */
  readonly filter: string;
  readonly megabytes: number;
  readonly author: string;
  /** Milliseconds since the epoch, as the others. */
  readonly startedAt: number;
  /** When it is stopped at the latest. */
  readonly endsAt: number;
  readonly endedAt: number | null;
  /** Why it failed. */
  readonly reason: string | null;
}

/** States in which a device has a capture; it has one of these at the most. */
export const OPEN_STATES = ['starting', 'running', 'stopping'] as const satisfies readonly CaptureState[];

export interface CaptureRepository {
  /** The one that is open on the device. */
  open(deviceId: number): Promise<CaptureRecord | undefined>;
  /** The newest of the device in any of these states. */
  newest(deviceId: number, states: readonly CaptureState[]): Promise<CaptureRecord | undefined>;
  /** Of these devices, the newest first. */
  list(deviceIds: readonly number[] | 'all'): Promise<readonly CaptureRecord[]>;
  /** How many are open in the fleet. */
  countOpen(): Promise<number>;
  /** Those that should have ended by now. */
  overdue(at: number): Promise<readonly CaptureRecord[]>;
  add(capture: Omit<CaptureRecord, 'id'>): Promise<number>;
  /** Forgets one that never began. */
  delete(id: number): Promise<void>;
  /** Forgets those that ended before a moment, with their files. */
  deleteEndedBefore(at: number): Promise<void>;
  change(
    id: number,
    change: Partial<Pick<CaptureRecord, 'state' | 'switched' | 'endsAt' | 'endedAt' | 'reason'>>,
  ): Promise<void>;
}
