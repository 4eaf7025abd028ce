/** Accounts that phones register. Passwords are sealed here and opened only where they are rendered or revealed. */
import type { AccountFields, AccountType } from '../../domain/account.ts';
import type { DataScope } from '../context.ts';
import type { ListQuery } from './sites.ts';

export interface AccountData extends Omit<AccountFields, 'password'> {
  readonly type: AccountType;
  readonly name: string;
  /** Sealed for `passwordRow(type, nameKey(name))`. */
  readonly password: Uint8Array | null;
  readonly siteId: number | null;
  readonly description: string;
}

export interface AccountRecord extends AccountData {
  readonly id: number;
  readonly nameKey: string;
  /** Name of the site. */
  readonly site: string | null;
  /** The device whose line it sits on: its name, else its MAC or serial number. */
  readonly device: string | null;
  readonly deviceId: number | null;
  readonly line: number | null;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface AccountQuery extends ListQuery {
  readonly type?: AccountType | undefined;
  readonly siteId?: number | undefined;
}

/** What an import compares a row with. */
export type AccountImage = AccountData & { readonly id: number; readonly version: number };

export interface AccountRepository {
  list(query: AccountQuery): AsyncIterable<AccountRecord>;
  /** By name or, when no account has that name, by id. Names are unique within a type only: several may fit. */
  find(reference: string, scope: DataScope, type?: AccountType): Promise<readonly AccountRecord[]>;
  /** Throws `not_found`; for ids that were just looked up. */
  get(id: number): Promise<AccountRecord>;
  /** Some names that begin alike, for "did you mean": a million accounts are not read for a typing error. */
  namesLike(reference: string, scope: DataScope): Promise<readonly string[]>;
  /** Prepared, for imports: the account of this type and name key. */
  image(type: AccountType, key: string): AccountImage | undefined;
  /** Prepared; returns the new id. Throws `exists`. */
  insert(data: AccountData, now: number): number;
  /** Prepared; replaces everything that people say of it. Bumps the version of the device that holds it. */
  replace(id: number, data: AccountData, now: number): void;
  delete(ids: readonly number[]): Promise<void>;
  /** Takes accounts off their lines; returns how many were on one. */
  unlink(ids: readonly number[], now: number): Promise<number>;
}
