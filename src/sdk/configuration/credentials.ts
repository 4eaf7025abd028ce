/** The secrets that we make for each device: opened and sealed here only. */
import { PhonectlError } from '../errors.ts';
import type { CredentialPurpose, NewCredential, StoredCredential } from '../ports/credentials.ts';
import type { SecretBox } from '../ports/secrets.ts';
import type { Provisioning } from '../ports/sites.ts';
import { randomPassword } from '../settings/shared-account.ts';

/** The natural name of a device, which names the rows of its sealed values. */
export interface DeviceKey {
  readonly mac: string | null;
  readonly serial: string | null;
}

/** MAC, else serial number. Throws `conflict` for a device that has neither: it can fetch nothing. */
export function deviceKey({ mac, serial }: DeviceKey): string {
  const key = mac ?? serial;
  if (key === null) {
    throw new PhonectlError('conflict', 'The device has neither a MAC nor a serial number, so it cannot be served.', {
      hints: ['Give it one with `phonectl device edit ID --mac MAC`.'],
    });
  }
  return key;
}

/** Name of the row that a device's secret is sealed for. */
export function credentialRow(device: DeviceKey, purpose: CredentialPurpose): string {
  return `device:${deviceKey(device)}:${purpose}`;
}

export interface OpenCredential {
  readonly username: string;
  readonly password: string;
}

/** Opens one of a device's secrets. Throws `wrong_key`. */
export function openCredential(secrets: SecretBox, device: DeviceKey, stored: StoredCredential): OpenCredential {
  return {
    username: stored.username,
    password: secrets.open(stored.secret, credentialRow(device, stored.purpose)),
  };
}

/**
 * A fresh secret of 130 random bits. The user name of the provisioning login is the device's MAC, which names it and
 * proves nothing.
 */
export function newCredential(
  secrets: SecretBox,
  device: DeviceKey & { readonly id: number },
  purpose: CredentialPurpose,
  now: number,
): NewCredential {
  const password = randomPassword();
  return {
    deviceId: device.id,
    purpose,
    username: purpose === 'provisioning' ? deviceKey(device) : purpose,
    secret: secrets.seal(password, credentialRow(device, purpose)),
    verifier: secrets.fingerprint(password),
    at: now,
  };
}

/** What a device at a site of this kind needs. The classic and the certificate mode give out no login of its own. */
export function neededPurposes(provisioning: Provisioning): readonly CredentialPurpose[] {
  return provisioning === 'credential' ? ['provisioning', 'admin', 'event'] : ['admin', 'event'];
}
