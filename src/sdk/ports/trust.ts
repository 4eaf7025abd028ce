/** Certificate authorities of phone vendors: what they signed proves which phone it is. */

export interface TrustedAuthority {
  readonly id: number;
  readonly vendor: string;
  readonly subject: string;
  /** SHA-256 of the certificate, hex in lower case. */
  readonly fingerprint: string;
  readonly pem: string;
  /** Old phones carry genuine certificates that have expired (security.md P-10). */
  readonly allowExpired: boolean;
  readonly createdAt: number;
}

export interface TrustRepository {
  list(): Promise<readonly TrustedAuthority[]>;
  /** Throws `exists` when the authority is trusted already. */
  add(authority: Omit<TrustedAuthority, 'id'>): Promise<void>;
  /** By the beginning of its fingerprint, at least 8 digits; returns what was removed. */
  remove(fingerprint: string): Promise<readonly TrustedAuthority[]>;
}
