/**
 * What the server writes. A thread with a connection of its own does it in batches, so that a write never stops the
 * event loop that phones wait for (design.md section 8).
 */
import type { NewCredential } from './credentials.ts';
import type { Admission } from './enrolments.ts';
import type { NewEvidence } from './evidence.ts';
import type { NewUpload } from './uploads.ts';

/** The phone showed itself. Coalesced: only the last one of a second is written. */
export interface Seen {
  readonly type: 'seen';
  readonly deviceId: number;
  readonly at: number;
  readonly address: string;
  readonly vendor?: string;
  readonly model?: string;
  readonly firmware?: string;
}

export interface Served {
  readonly type: 'served';
  readonly deviceId: number;
  readonly at: number;
  readonly address: string;
  readonly name: string;
  readonly digest: string;
  readonly status: number;
  /** What it ran when it asked. */
  readonly firmware?: string;
  /** It fetched the same a moment ago: that it came counts, and is no evidence of its own. */
  readonly again: boolean;
}

/** The phone showed its own credential: its enrolment is complete. */
export interface LoginUsed {
  readonly type: 'login-used';
  readonly deviceId: number;
  readonly at: number;
  readonly address: string;
}

/** A phone said how it is. `line` and `user` where it is about one line. */
export interface Reported {
  readonly type: 'reported';
  readonly deviceId: number;
  readonly at: number;
  readonly address: string;
  readonly kind: 'boot' | 'registered' | 'unregistered' | 'call' | 'idle' | 'report' | 'provisioned';
  readonly line?: number;
  readonly user?: string;
  readonly reportedIp?: string;
  readonly vendor?: string;
  readonly model?: string;
  readonly firmware?: string;
  readonly detail: Readonly<Record<string, string>>;
}

export interface EvidenceFact {
  readonly type: 'evidence';
  readonly evidence: NewEvidence;
}

/** How the note of a phone that fell back to the shared account begins; its own login settles it. */
export const CAME_BACK = 'came back with the shared account';

/** How the note of a phone begins whose files cannot be made; being served settles it. */
export const UNCONFIGURABLE = 'cannot be configured';

/** How the note of a phone begins that shows the provisioning password of before a rotation. */
export const OLD_PASSWORD = 'logs in with the old provisioning password';

export interface Attention {
  readonly type: 'attention';
  readonly deviceId: number;
  /** `null`: what stood there is settled. */
  readonly text: string | null;
}

export interface Stranger {
  readonly type: 'stranger';
  readonly mac: string;
  readonly at: number;
  readonly address: string;
  readonly userAgent: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
}

export type Fact = Seen | Served | LoginUsed | Reported | EvidenceFact | Attention | Stranger;

export interface FactWriterStatistics {
  /** Facts that wait to be written. */
  readonly pending: number;
  readonly written: number;
  /** Facts that were thrown away because too many waited, or because the store refused them. */
  readonly dropped: number;
  /** Why the store last refused, while it does. */
  readonly trouble: string | undefined;
}

export interface FactWriter {
  /**
   * Notes a fact; it is on disk within two seconds, or as soon as a store that is locked or full takes writes again. Never
   * throws, never waits.
   */
  note(fact: Fact): void;
  /** Adds the credentials that a device lacks. Rejects with `locked` when the store does not take them in time. */
  addCredentials(credentials: readonly NewCredential[]): Promise<void>;
  /** Binds an open window to the first address that uses it. False when it is bound elsewhere, closed or done. */
  bindEnrolment(enrolment: { deviceId: number; address: string; at: number }): Promise<boolean>;
  /** Lets an unannounced phone in where its site says so (`autoAdd`); undefined where it does not. */
  autoAdd(admission: Admission): Promise<number | undefined>;
  recordUpload(upload: NewUpload): Promise<void>;
  statistics(): FactWriterStatistics;
  /** Writes what is pending and ends the thread. */
  close(): Promise<void>;
}
