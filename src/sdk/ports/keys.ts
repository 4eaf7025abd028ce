/** Access keys: id and secret for programs (KEY-01..03). The secret itself is never stored. */

/** What is kept of a secret: enough to recognise it, not enough to use it. */
export interface KeyProof {
  /** Keyed hash of the secret, hex. */
  readonly verifier: string;
  /** Ed25519 public key (base64url, 32 bytes) of the pair derived from the secret, for signed requests. */
  readonly publicKey: string;
}

export interface KeyRecord {
  readonly id: number;
  readonly keyId: string;
  readonly name: string;
  readonly description: string;
  readonly version: number;
  readonly roles: readonly { readonly id: number; readonly name: string }[];
  /** Networks in CIDR form that it may be used from; empty for everywhere. */
  readonly networks: readonly string[];
  readonly callback: string | null;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly rotatedAt: number | null;
  readonly lastUsedAt: number | null;
  readonly lastUsedFrom: string | null;
  /** Until when the secret before the last rotation is still good. */
  readonly previousUntil: number | null;
}

export interface KeyProofs {
  readonly current: KeyProof;
  readonly previous?: KeyProof;
}

/** What of a key can be edited. */
export interface KeyTerms {
  readonly name: string;
  readonly description: string;
  readonly roleIds: readonly number[];
  readonly networks: readonly string[];
  readonly callback: string | null;
  readonly expiresAt: number | null;
}

export interface KeyDraft extends KeyTerms {
  readonly keyId: string;
  readonly createdBy: string;
  readonly proof: KeyProof;
}

export interface KeyRepository {
  list(): Promise<readonly KeyRecord[]>;
  /** By key id or by name. */
  find(reference: string): Promise<KeyRecord | undefined>;
  proofs(keyId: string): Promise<KeyProofs | undefined>;
  add(key: KeyDraft, now: number): Promise<number>;
  revoke(id: number, now: number): Promise<void>;
  /** Replaces the proof; the one before stays good until `previousUntil`. */
  rotate(id: number, proof: KeyProof, previousUntil: number, now: number): Promise<void>;
  edit(id: number, terms: KeyTerms): Promise<void>;
  used(id: number, from: string, now: number): Promise<void>;
}
