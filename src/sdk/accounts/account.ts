/** An account as people and programs see it, and finding one. */
import { type AccountType, passwordRow, type Transport } from '../../domain/account.ts';
import type { DataScope } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import { notFound } from '../missing.ts';
import type { AccountRecord, AccountRepository } from '../ports/accounts.ts';
import type { SecretBox } from '../ports/secrets.ts';

export interface Account {
  readonly id: number;
  readonly type: AccountType;
  readonly name: string;
  readonly username: string;
  readonly authName: string;
  readonly hasPassword: boolean;
  /** Only where it was asked for with `reveal`; null when there is none. */
  readonly password?: string | null;
  readonly displayName: string;
  readonly label: string;
  readonly server: string;
  readonly port: number | null;
  readonly transport: Transport | null;
  readonly server2: string;
  readonly port2: number | null;
  readonly site: string | null;
  readonly description: string;
  /** Who holds it: a device's name, MAC or serial number, and the line; null when nobody does. */
  readonly device: string | null;
  readonly line: number | null;
  readonly version: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** With `secrets` the password is opened and shown. */
export function accountOf(record: AccountRecord, secrets?: SecretBox): Account {
  const { nameKey: _key, siteId: _site, deviceId: _device, password, createdAt, updatedAt, ...rest } = record;
  return {
    ...rest,
    hasPassword: password !== null,
    ...(secrets && { password: openPassword(record, secrets) }),
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

/** The clear password of an account; null when it has none. Throws `wrong_key`. */
export function openPassword(
  { password, type, nameKey }: Pick<AccountRecord, 'password' | 'type' | 'nameKey'>,
  secrets: SecretBox,
): string | null {
  return password === null ? null : secrets.open(password, passwordRow(type, nameKey));
}

/**
 * Finds one account: a name, `type/name` or `type:name` where a name is used by several types, or an id. Throws `not_found` with the
 * nearest names, or `ambiguous` with the candidates.
 */
export async function requireAccount(
  accounts: AccountRepository,
  reference: string,
  scope: DataScope,
  type?: AccountType,
): Promise<AccountRecord> {
  let found = await accounts.find(reference, scope, type);
  const typed = /^\s*(sip|sfb|yms|cloud|h323)[/:](.+)$/i.exec(reference);
  if (found.length === 0 && typed !== null) {
    const named = typed[1]!.toLowerCase() as AccountType;
    if (type === undefined || type === named) found = await accounts.find(typed[2]!, scope, named);
  }
  const [account] = found;
  if (account === undefined) throw notFound('account', reference, await accounts.namesLike(reference, scope));
  if (found.length > 1) {
    const candidates = found.map((candidate) => `${candidate.type}/${candidate.name}`);
    throw new PhonectlError('ambiguous', `"${reference}" is the name of ${found.length} accounts.`, {
      hints: [`Write one of ${candidates.join(', ')}.`],
      details: { candidates },
    });
  }
  return account;
}
