/** What phones said when they were asked (`device refresh`, `device status`), beside what they report by themselves. */
import type { SipStatus } from '../../domain/device.ts';

export interface Reading {
  readonly deviceId: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly model?: string;
  readonly firmware?: string;
  readonly inCall?: boolean;
  /** Over all lines; absent when the phone does not tell. */
  readonly sip?: SipStatus;
  readonly lines?: readonly { readonly line: number; readonly user: string; readonly state: string }[];
}

/** DIAG-21: CPU and memory at a moment. What the phone did not tell is null. */
export interface LoadSample {
  readonly deviceId: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Percent. */
  readonly cpu: number | null;
  readonly cpuAverage: number | null;
  /** Bytes. */
  readonly memoryUsed: number | null;
  readonly memoryTotal: number | null;
}

export interface ReadingRepository {
  /** Keeps what the phones said; a device that is gone is left out. */
  record(readings: readonly Reading[]): Promise<void>;
  /** Keeps samples, and forgets those of the same devices that are older than `oldest`. */
  recordLoads(samples: readonly LoadSample[], oldest: number): Promise<void>;
  /** Of one device, from `since` on, in order of time. */
  loads(deviceId: number, since: number): Promise<readonly LoadSample[]>;
}
