/** What phones did, in the order in which we learnt it. Tasks look for it above a mark (design.md section 7). */

/**
 * - `boot`: it started (detail: how we know)
 * - `fetch`: it fetched a configuration file (detail: `name`, `digest`, `status`, `firmware`)
 * - `enrolment`: it fetched its enrolment file; `enrolled`: it came with its own credential for the first time
 * - `download`: it fetched a file beside its configuration, or a part of it (detail: `kind`, `name`, `until`, `size`)
 * - `registered`, `unregistered`: a line (detail: `line`, `user`)
 * - `call`, `idle`, `report`, `upload`, `address`: as they say
 */
export type EvidenceKind =
  | 'boot'
  | 'fetch'
  | 'enrolment'
  | 'enrolled'
  | 'registered'
  | 'unregistered'
  | 'call'
  | 'idle'
  | 'report'
  | 'upload'
  | 'address'
  | 'download';

export interface Evidence {
  /** Grows; never used twice. */
  readonly id: number;
  readonly deviceId: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: EvidenceKind;
  readonly address: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export type NewEvidence = Omit<Evidence, 'id'>;

export interface EvidenceQuery {
  readonly deviceIds?: readonly number[];
  readonly kinds?: readonly EvidenceKind[];
  readonly limit?: number;
}

export interface EvidenceRepository {
  /** The sequence now: evidence with a higher id is newer. */
  mark(): Promise<number>;
  /** Evidence above a mark, oldest first. */
  after(mark: number, query?: EvidenceQuery): Promise<readonly Evidence[]>;
  /** The newest evidence of a device, newest first. */
  latest(deviceId: number, limit: number): Promise<readonly Evidence[]>;
  append(evidence: readonly NewEvidence[]): Promise<void>;
}
