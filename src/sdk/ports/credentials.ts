/** What a phone and we share: its provisioning login, its admin password, the secret of its callback URL. */

/** `provisioning`: the phone's login here. `admin`: our login there. `event`: names the phone in its callback URL. */
export type CredentialPurpose = 'provisioning' | 'admin' | 'event';

export const CREDENTIAL_PURPOSES: readonly CredentialPurpose[] = ['provisioning', 'admin', 'event'];

/** A secret as it is stored: sealed for us to open, and an HMAC (`SecretBox.fingerprint`) to check what a phone shows. */
export interface NewCredential {
  readonly deviceId: number;
  readonly purpose: CredentialPurpose;
  readonly username: string;
  readonly secret: Uint8Array;
  readonly verifier: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface StoredCredential {
  readonly deviceId: number;
  readonly purpose: CredentialPurpose;
  readonly username: string;
  readonly secret: Uint8Array;
  readonly verifier: string;
  /** The one before the last rotation, good until `previousUntil`. */
  readonly previous: Uint8Array | null;
  readonly previousVerifier: string | null;
  readonly previousUntil: number | null;
  readonly createdAt: number;
  readonly firstUsedAt: number | null;
  readonly lastUsedAt: number | null;
}

export interface CredentialRepository {
  list(deviceId: number): Promise<readonly StoredCredential[]>;
  /** Adds those that the device does not have yet; one that exists stays as it is. Returns how many were added. */
  add(credentials: readonly NewCredential[]): Promise<number>;
  /**
   * Puts a new secret in the old one's place and bumps the device's version. The old one stays good until
   * `previousUntil` (milliseconds), so that a phone can still fetch the file that tells it the new one.
   */
  rotate(credential: NewCredential, previousUntil: number): Promise<void>;
  /** Forgets all secrets of a device: the next contact makes new ones. */
  delete(deviceId: number): Promise<void>;
}
