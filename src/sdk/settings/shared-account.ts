/**
 * The provisioning account that phones of one installation share (PROV-05). It only opens an enrolment window or a
 * site in classic mode; design.md section 6.
 */
import type { SecretBox } from '../ports/secrets.ts';
import type { SettingsRepository } from '../ports/settings.ts';

/** Name of the setting; also the row that its password is sealed for, behind `setting:`. */
export const SHARED_ACCOUNT = 'provisioning.account';
const ROW = `setting:${SHARED_ACCOUNT}`;

/** What the setting holds. */
export interface StoredSharedAccount {
  readonly username: string;
  /** Base64 of the sealed password. */
  readonly sealed: string;
  /** The password before the last rotation, and when that was; good until then (milliseconds since the epoch). */
  readonly previous?: { readonly sealed: string; readonly since: number; readonly until: number };
}

export interface SharedAccount {
  readonly username: string;
  readonly password: string;
  /** The password before the last rotation, good until then (milliseconds since the epoch). */
  readonly previous?: { readonly password: string; readonly until: number };
}

// Letters and digits that are typed on a phone without doubt: no 0/O, 1/l/I. 32 of them: five bits each.
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const LENGTH = 26;

/** 130 random bits that every phone, file format and DHCP option carries. */
export function randomPassword(): string {
  const bytes = process.getBuiltinModule('node:crypto').randomBytes(LENGTH);
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

export function newSharedAccount(secrets: SecretBox, username = 'provision'): StoredSharedAccount {
  return sealSharedAccount(secrets, { username, password: randomPassword() });
}

export function sealSharedAccount(secrets: SecretBox, { username, password }: SharedAccount): StoredSharedAccount {
  return { username, sealed: Buffer.from(secrets.seal(password, ROW)).toString('base64') };
}

/** The account with its password opened, or `undefined` when none is set. Throws `wrong_key`. */
export async function readSharedAccount(
  settings: SettingsRepository,
  secrets: SecretBox,
): Promise<SharedAccount | undefined> {
  return openSharedAccount(await settings.get<StoredSharedAccount>(SHARED_ACCOUNT), secrets);
}

/** Opens the setting's value. Throws `wrong_key`. */
export function openSharedAccount(value: unknown, secrets: SecretBox): SharedAccount | undefined {
  if (value === undefined) return undefined;
  const stored = value as StoredSharedAccount;
  const open = (sealed: string): string => secrets.open(Buffer.from(sealed, 'base64'), ROW);
  const { username, sealed, previous } = stored;
  return {
    username,
    password: open(sealed),
    ...(previous !== undefined && { previous: { password: open(previous.sealed), until: previous.until } }),
  };
}
