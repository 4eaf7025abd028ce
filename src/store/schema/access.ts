/** The tables of roles, keys, users and sessions as Kysely sees them; `migrations/0002-access.ts` says what they mean. */
import type { Generated } from 'kysely';

type Id = Generated<number>;

export interface RoleGroupTable {
  id: Id;
  enterprise_id: number;
  name: string;
  name_key: string;
  builtin: Generated<number>;
}
export interface RoleTable {
  id: Id;
  enterprise_id: number;
  group_id: number;
  name: string;
  name_key: string;
  description: Generated<string>;
  builtin: Generated<number>;
  permissions: string;
  all_sites: Generated<number>;
  version: Generated<number>;
  created_at: number;
  updated_at: number;
}
export interface RoleSiteTable {
  role_id: number;
  site_id: number;
}
export interface AccessKeyTable {
  id: Id;
  enterprise_id: number;
  key_id: string;
  name: string;
  name_key: string;
  verifier: string;
  public_key: string;
  previous_verifier: string | null;
  previous_public_key: string | null;
  previous_until: number | null;
  networks: Generated<string>;
  callback: string | null;
  expires_at: number | null;
  revoked_at: number | null;
  created_by: string;
  created_at: number;
  rotated_at: number | null;
  last_used_at: number | null;
  last_used_from: string | null;
  description: Generated<string>;
  version: Generated<number>;
}
export interface AccessKeyRoleTable {
  key_id: number;
  role_id: number;
}
export interface CallbackTable {
  id: Id;
  uid: string;
  key_id: number;
  event: string;
  object: string;
  at: number;
  state: Generated<string>;
  attempts: Generated<number>;
  next_at: number;
  ended_at: number | null;
  problem: string | null;
}
export interface UserAccountTable {
  id: Id;
  enterprise_id: number;
  email: string;
  email_key: string;
  name: Generated<string>;
  phone: Generated<string>;
  country: Generated<string>;
  password: string;
  must_change: Generated<number>;
  password_at: number;
  frozen_at: number | null;
  version: Generated<number>;
  created_at: number;
  updated_at: number;
  last_login_at: number | null;
  delegated_by: string | null;
  expires_at: number | null;
}
export interface UserRoleTable {
  user_id: number;
  role_id: number;
}
export interface UserSessionTable {
  id: Id;
  user_id: number;
  token: string;
  source: string;
  created_at: number;
  seen_at: number;
}
export interface LoginFailureTable {
  kind: 'user' | 'source';
  name: string;
  failures: number;
  first_at: number;
  last_at: number;
  locked_until: number | null;
}
export interface PasswordResetTable {
  token: string;
  user_id: number;
  expires_at: number;
}
export interface IdempotencyTable {
  caller: string;
  idempotency_key: string;
  fingerprint: string;
  run: string;
  status: number | null;
  answer: Uint8Array | null;
  created_at: number;
}

export interface AccessSchema {
  role_group: RoleGroupTable;
  role: RoleTable;
  role_site: RoleSiteTable;
  access_key: AccessKeyTable;
  access_key_role: AccessKeyRoleTable;
  callback: CallbackTable;
  user_account: UserAccountTable;
  user_role: UserRoleTable;
  user_session: UserSessionTable;
  login_failure: LoginFailureTable;
  password_reset: PasswordResetTable;
  idempotency: IdempotencyTable;
}
