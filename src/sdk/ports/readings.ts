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

export interface ReadingRepository {
  /** Keeps what the phones said; a device that is gone is left out. */
  record(readings: readonly Reading[]): Promise<void>;
}
