/**
 * Who may do what from elsewhere: roles, access keys, users with their sessions, and the answers kept for idempotency
 * keys. Secrets are here only as keyed hashes, passwords as scrypt.
 */
import { EMPTY_ROLE, SUPER_ROLE } from '../../sdk/ports/roles.ts';
import { ENTERPRISE } from '../connection.ts';
import type { Migration } from './index.ts';

export const access: Migration = {
  version: 2,
  name: 'access',
  statements: ({ id, int, blob }) => [
    // builtin rows can be neither edited nor deleted (ROLE-01, ROLE-02).
    `CREATE TABLE role_group (
      id ${id}, enterprise_id ${int} NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL,
      builtin ${int} NOT NULL DEFAULT 0)`,
    'CREATE UNIQUE INDEX role_group_name ON role_group(enterprise_id, name_key)',

    // permissions: JSON array of `noun:verb`, `noun:*` or `*`. all_sites 0 means the sites of role_site only, and what
    // lies below them; a role whose last site was deleted sees nothing, not everything.
    `CREATE TABLE role (
      id ${id}, enterprise_id ${int} NOT NULL, group_id ${int} NOT NULL REFERENCES role_group(id),
      name TEXT NOT NULL, name_key TEXT NOT NULL, description TEXT NOT NULL DEFAULT '',
      builtin ${int} NOT NULL DEFAULT 0, permissions TEXT NOT NULL, all_sites ${int} NOT NULL DEFAULT 0,
      version ${int} NOT NULL DEFAULT 1, created_at ${int} NOT NULL, updated_at ${int} NOT NULL)`,
    'CREATE UNIQUE INDEX role_name ON role(enterprise_id, name_key)',
    `CREATE TABLE role_site (
      role_id ${int} NOT NULL REFERENCES role(id) ON DELETE CASCADE,
      site_id ${int} NOT NULL REFERENCES site(id) ON DELETE CASCADE, PRIMARY KEY (role_id, site_id))`,

    `INSERT INTO role_group (enterprise_id, name, name_key, builtin) VALUES (${ENTERPRISE}, 'default', 'default', 1)`,
    `INSERT INTO role (enterprise_id, group_id, name, name_key, description, builtin, permissions, all_sites,
      created_at, updated_at) VALUES
      (${ENTERPRISE}, 1, '${SUPER_ROLE}', '${SUPER_ROLE}', 'All functions and all data', 1, '["*"]', 1, 0, 0),
      (${ENTERPRISE}, 1, '${EMPTY_ROLE}', '${EMPTY_ROLE}', 'May sign in, and nothing else', 1, '[]', 0, 0, 0)`,

    // verifier: keyed hash of the secret; public_key: Ed25519, derived from the secret, for signed requests.
    // previous_*: the secret before a rotation, good until previous_until.
    `CREATE TABLE access_key (
      id ${id}, enterprise_id ${int} NOT NULL, key_id TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL,
      verifier TEXT NOT NULL, public_key TEXT NOT NULL,
      previous_verifier TEXT, previous_public_key TEXT, previous_until ${int},
      networks TEXT NOT NULL DEFAULT '[]', callback TEXT, expires_at ${int}, revoked_at ${int},
      created_by TEXT NOT NULL, created_at ${int} NOT NULL, rotated_at ${int}, last_used_at ${int}, last_used_from TEXT)`,
    'CREATE UNIQUE INDEX access_key_key_id ON access_key(key_id)',
    'CREATE UNIQUE INDEX access_key_name ON access_key(enterprise_id, name_key)',
    `CREATE TABLE access_key_role (
      key_id ${int} NOT NULL REFERENCES access_key(id) ON DELETE CASCADE,
      role_id ${int} NOT NULL REFERENCES role(id), PRIMARY KEY (key_id, role_id))`,

    `CREATE TABLE user_account (
      id ${id}, enterprise_id ${int} NOT NULL, email TEXT NOT NULL, email_key TEXT NOT NULL,
      name TEXT NOT NULL DEFAULT '', phone TEXT NOT NULL DEFAULT '', country TEXT NOT NULL DEFAULT '',
      password TEXT NOT NULL, must_change ${int} NOT NULL DEFAULT 1, password_at ${int} NOT NULL,
      frozen_at ${int}, version ${int} NOT NULL DEFAULT 1, created_at ${int} NOT NULL, updated_at ${int} NOT NULL,
      last_login_at ${int})`,
    'CREATE UNIQUE INDEX user_account_email ON user_account(enterprise_id, email_key)',
    `CREATE TABLE user_role (
      user_id ${int} NOT NULL REFERENCES user_account(id) ON DELETE CASCADE,
      role_id ${int} NOT NULL REFERENCES role(id), PRIMARY KEY (user_id, role_id))`,

    // token: keyed hash. seen_at may lag behind by a minute: it is written that often, not at every request.
    `CREATE TABLE user_session (
      id ${id}, user_id ${int} NOT NULL REFERENCES user_account(id) ON DELETE CASCADE, token TEXT NOT NULL,
      source TEXT NOT NULL, created_at ${int} NOT NULL, seen_at ${int} NOT NULL)`,
    'CREATE UNIQUE INDEX user_session_token ON user_session(token)',

    // Failed logins, by user name (existing or not, so that the answers are alike) and by source address.
    `CREATE TABLE login_failure (
      kind TEXT NOT NULL, name TEXT NOT NULL, failures ${int} NOT NULL, first_at ${int} NOT NULL, last_at ${int} NOT NULL,
      locked_until ${int}, PRIMARY KEY (kind, name))`,

    `CREATE TABLE password_reset (
      token TEXT PRIMARY KEY, user_id ${int} NOT NULL REFERENCES user_account(id) ON DELETE CASCADE,
      expires_at ${int} NOT NULL)`,

    // One row per write that came with an Idempotency-Key; answer is sealed, since it may hold a new secret.
    `CREATE TABLE idempotency (
      caller TEXT NOT NULL, idempotency_key TEXT NOT NULL, fingerprint TEXT NOT NULL, run TEXT NOT NULL,
      status ${int}, answer ${blob}, created_at ${int} NOT NULL, PRIMARY KEY (caller, idempotency_key))`,
    'CREATE INDEX idempotency_created ON idempotency(created_at)',
  ],
};
