/** What a vendor says about its phones, and what happens to them, in the words of the common part. */
import type { SipRequest } from './sip-message.ts';
import type { Credential, LabLineStatus, Occasion } from './types.ts';

/** Where a phone provisions from. */
export interface Target {
  url: URL;
  credential: Credential | undefined;
}

/** What a phone's configuration says about one line. */
export interface LineSettings {
  line: number;
  user: string;
  password: string;
  server: string;
  label: string;
}

/** Something a phone tells a server of its own accord. */
export interface Report {
  method: 'GET' | 'POST' | 'PUT';
  url: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export type Happening =
  | { what: 'booted' }
  | { what: 'provisioned'; occasion: Occasion }
  | { what: 'registered' | 'unregistered'; line: LabLineStatus }
  | { what: 'dnd'; on: boolean }
  | { what: 'call'; event: CallEvent }
  | { what: 'changed'; names: readonly string[] };

/** What happened to a call, as phones tell of it (yealink.md B4). */
export type CallEvent =
  | 'ringing'
  | 'dialled'
  | 'busy'
  | 'established'
  | 'held'
  | 'resumed'
  | 'transferred'
  | 'ended'
  | 'idle';

/** A NOTIFY as it reached the phone. */
export interface Notify {
  /** The event package, in lower case. */
  event: string;
  params: ReadonlyMap<string, string>;
  request: SipRequest;
  remoteAddress: string;
}

/** When to look for a new configuration: in phone time (scaled by the lab's speed), or at a moment of the wall clock. */
export type NextPoll = { seconds: number } | { at: Date } | null;

export interface Durations {
  reboot: number;
  restart: number;
  /** Writing new firmware, with the reboot that belongs to it. */
  flash: number;
  /** Waits between failed attempts to provision; the last one repeats. */
  retries: readonly number[];
}
