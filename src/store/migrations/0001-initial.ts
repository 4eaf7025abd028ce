/**
 * The first schema. Written in the part of SQL that SQLite and PostgreSQL share; the types that differ come in as
 * arguments. Times are milliseconds since the epoch, booleans 0/1, `*_key` columns hold case-folded text.
 */
import type { Migration } from './index.ts';

export const initial: Migration = {
  version: 1,
  name: 'initial',
  statements: ({ id, sequence, int, blob }) => [
    `CREATE TABLE enterprise (
      id ${id}, name TEXT NOT NULL, created_at ${int} NOT NULL)`,

    `CREATE TABLE setting (
      enterprise_id ${int} NOT NULL REFERENCES enterprise(id), name TEXT NOT NULL, value TEXT NOT NULL,
      PRIMARY KEY (enterprise_id, name))`,

    `CREATE TABLE operation_log (
      id ${id}, enterprise_id ${int} NOT NULL, at ${int} NOT NULL, operation TEXT NOT NULL, object TEXT NOT NULL,
      result TEXT NOT NULL, actor TEXT NOT NULL, actor_kind TEXT NOT NULL, source TEXT NOT NULL,
      details TEXT NOT NULL, hash TEXT NOT NULL)`,
    'CREATE INDEX operation_log_at ON operation_log(enterprise_id, at)',

    // kind: company | internet | intranet | site. provisioning: certificate | credential | shared.
    `CREATE TABLE site (
      id ${id}, enterprise_id ${int} NOT NULL REFERENCES enterprise(id), kind TEXT NOT NULL,
      name TEXT NOT NULL, name_key TEXT NOT NULL, parent_id ${int} REFERENCES site(id),
      description TEXT NOT NULL DEFAULT '', location TEXT NOT NULL DEFAULT '',
      provisioning TEXT NOT NULL DEFAULT 'credential', auto_add ${int} NOT NULL DEFAULT 0,
      download_path TEXT, time_zone TEXT, version ${int} NOT NULL DEFAULT 1,
      created_at ${int} NOT NULL, updated_at ${int} NOT NULL)`,
    'CREATE UNIQUE INDEX site_name ON site(enterprise_id, name_key)',
    'CREATE INDEX site_parent ON site(parent_id)',

    // One row per public subnet and per private subnet under it; private_cidr NULL is the public subnet itself.
    `CREATE TABLE site_subnet (
      id ${id}, site_id ${int} NOT NULL REFERENCES site(id) ON DELETE CASCADE,
      public_cidr TEXT NOT NULL, private_cidr TEXT)`,
    'CREATE INDEX site_subnet_site ON site_subnet(site_id)',

    // type: sip | sfb | yms | cloud | h323.
    `CREATE TABLE account (
      id ${id}, enterprise_id ${int} NOT NULL REFERENCES enterprise(id), type TEXT NOT NULL,
      name TEXT NOT NULL, name_key TEXT NOT NULL, username TEXT NOT NULL DEFAULT '',
      auth_name TEXT NOT NULL DEFAULT '', password ${blob}, display_name TEXT NOT NULL DEFAULT '',
      label TEXT NOT NULL DEFAULT '', server TEXT NOT NULL DEFAULT '', port ${int}, transport TEXT,
      server2 TEXT NOT NULL DEFAULT '', port2 ${int}, site_id ${int} REFERENCES site(id),
      description TEXT NOT NULL DEFAULT '', version ${int} NOT NULL DEFAULT 1,
      created_at ${int} NOT NULL, updated_at ${int} NOT NULL)`,
    'CREATE UNIQUE INDEX account_name ON account(enterprise_id, type, name_key)',
    'CREATE INDEX account_username ON account(enterprise_id, username)',
    'CREATE INDEX account_site ON account(site_id)',

    // kind: sip | usb | room | dect | codec. site_mode: auto | pinned. origin: manual | csv | auto.
    // state: active | quarantined | replaced. intent columns only: what phones report is in device_fact.
    // version grows with every change of the device, its lines, its accounts, its document or its credentials;
    // the render cache is keyed by it.
    `CREATE TABLE device (
      id ${id}, enterprise_id ${int} NOT NULL REFERENCES enterprise(id),
      mac TEXT, serial TEXT, machine_id TEXT, kind TEXT NOT NULL DEFAULT 'sip', vendor TEXT, model TEXT,
      family TEXT, name TEXT NOT NULL DEFAULT '', name_key TEXT NOT NULL DEFAULT '', description TEXT NOT NULL DEFAULT '',
      site_id ${int} NOT NULL REFERENCES site(id), site_mode TEXT NOT NULL DEFAULT 'auto',
      private_ip TEXT, control_url TEXT, port TEXT, tags TEXT NOT NULL DEFAULT '{}',
      origin TEXT NOT NULL DEFAULT 'manual', state TEXT NOT NULL DEFAULT 'active',
      replaced_by ${int}, document TEXT, version ${int} NOT NULL DEFAULT 1,
      created_at ${int} NOT NULL, updated_at ${int} NOT NULL)`,
    'CREATE UNIQUE INDEX device_mac ON device(enterprise_id, mac)',
    'CREATE UNIQUE INDEX device_serial ON device(enterprise_id, serial) WHERE serial IS NOT NULL',
    'CREATE INDEX device_site ON device(site_id)',
    'CREATE INDEX device_name ON device(enterprise_id, name_key)',
    'CREATE INDEX device_private_ip ON device(enterprise_id, private_ip) WHERE private_ip IS NOT NULL',

    // What phones said and what was seen of them, each with the time it was learnt. Written by serve, in batches.
    `CREATE TABLE device_fact (
      device_id ${int} PRIMARY KEY REFERENCES device(id) ON DELETE CASCADE,
      seen_at ${int}, first_seen_at ${int}, online ${int} NOT NULL DEFAULT 0,
      public_ip TEXT, reported_ip TEXT, address_at ${int},
      vendor TEXT, model TEXT, firmware TEXT, identity_at ${int},
      sip TEXT NOT NULL DEFAULT 'unknown', sip_at ${int}, lines TEXT NOT NULL DEFAULT '[]',
      call TEXT NOT NULL DEFAULT 'idle', call_at ${int},
      booted_at ${int}, provisioned_at ${int}, provision_result TEXT,
      served_digest TEXT, served_at ${int}, served_to TEXT, running_digest TEXT, running_at ${int},
      attention TEXT)`,
    'CREATE INDEX device_fact_seen ON device_fact(seen_at)',
    'CREATE INDEX device_fact_public ON device_fact(public_ip)',
    'CREATE INDEX device_fact_firmware ON device_fact(firmware)',

    // An account sits on one line only (ACCT-12).
    `CREATE TABLE device_line (
      device_id ${int} NOT NULL REFERENCES device(id) ON DELETE CASCADE, line ${int} NOT NULL,
      account_id ${int} NOT NULL REFERENCES account(id), PRIMARY KEY (device_id, line))`,
    'CREATE UNIQUE INDEX device_line_account ON device_line(account_id)',

    // rank: 1 is the highest group; new groups come last (B-09). default_rank: order among the default groups (GRP-06).
    `CREATE TABLE device_group (
      id ${id}, enterprise_id ${int} NOT NULL REFERENCES enterprise(id), name TEXT NOT NULL, name_key TEXT NOT NULL,
      description TEXT NOT NULL DEFAULT '', rank ${int} NOT NULL, default_rank ${int},
      version ${int} NOT NULL DEFAULT 1, created_at ${int} NOT NULL, updated_at ${int} NOT NULL)`,
    'CREATE UNIQUE INDEX device_group_name ON device_group(enterprise_id, name_key)',
    `CREATE TABLE device_group_member (
      device_id ${int} NOT NULL REFERENCES device(id) ON DELETE CASCADE,
      group_id ${int} NOT NULL REFERENCES device_group(id) ON DELETE CASCADE, position ${int} NOT NULL,
      PRIMARY KEY (device_id, group_id))`,
    'CREATE INDEX device_group_member_group ON device_group_member(group_id)',

    // Models that may be added (MODEL-18); no row at all for an enterprise means every model. site_id NULL = all sites.
    `CREATE TABLE approved_model (
      id ${id}, enterprise_id ${int} NOT NULL, vendor TEXT NOT NULL, model TEXT NOT NULL,
      site_id ${int} REFERENCES site(id) ON DELETE CASCADE)`,

    // purpose: provisioning (HTTP Basic/Digest of the phone to us) | admin (phone's web login) | event (secret in URLs).
    // verifier: HMAC of the secret, for checking without opening it.
    `CREATE TABLE device_credential (
      device_id ${int} NOT NULL REFERENCES device(id) ON DELETE CASCADE, purpose TEXT NOT NULL,
      username TEXT NOT NULL, secret ${blob} NOT NULL, verifier TEXT NOT NULL,
      previous ${blob}, previous_verifier TEXT, previous_until ${int},
      created_at ${int} NOT NULL, first_used_at ${int}, last_used_at ${int}, PRIMARY KEY (device_id, purpose))`,
    'CREATE INDEX device_credential_username ON device_credential(purpose, username)',
    'CREATE INDEX device_credential_verifier ON device_credential(purpose, verifier)',

    // The window in which an announced MAC may fetch its own credential, once, from one address.
    `CREATE TABLE enrolment (
      device_id ${int} PRIMARY KEY REFERENCES device(id) ON DELETE CASCADE,
      opened_at ${int} NOT NULL, closes_at ${int} NOT NULL, networks TEXT NOT NULL,
      bound_address TEXT, served_at ${int}, completed_at ${int})`,

    // MACs that nobody announced.
    `CREATE TABLE quarantine (
      enterprise_id ${int} NOT NULL, mac TEXT NOT NULL, first_seen_at ${int} NOT NULL, last_seen_at ${int} NOT NULL,
      requests ${int} NOT NULL, address TEXT NOT NULL, user_agent TEXT NOT NULL, vendor TEXT, model TEXT, firmware TEXT,
      PRIMARY KEY (enterprise_id, mac))`,

    // Facts about phones in the order we learnt them; tasks look for evidence above a mark.
    // kind: see sdk/ports/evidence.ts.
    `CREATE TABLE evidence (
      id ${sequence}, device_id ${int} NOT NULL REFERENCES device(id) ON DELETE CASCADE,
      at ${int} NOT NULL, kind TEXT NOT NULL, address TEXT, detail TEXT NOT NULL DEFAULT '{}')`,
    'CREATE INDEX evidence_device ON evidence(device_id, id)',

    // Trusted certificate authorities of phone vendors.
    `CREATE TABLE trusted_ca (
      id ${id}, enterprise_id ${int} NOT NULL, vendor TEXT NOT NULL, subject TEXT NOT NULL, fingerprint TEXT NOT NULL,
      pem TEXT NOT NULL, allow_expired ${int} NOT NULL DEFAULT 0, created_at ${int} NOT NULL)`,

    `CREATE TABLE upload (
      id ${id}, device_id ${int} NOT NULL REFERENCES device(id) ON DELETE CASCADE, kind TEXT NOT NULL,
      name TEXT NOT NULL, size ${int} NOT NULL, sha256 TEXT, path TEXT NOT NULL, received_at ${int} NOT NULL)`,
    'CREATE UNIQUE INDEX upload_name ON upload(device_id, name)',

    // Tasks: a definition, its runs, one target per device and run (design.md section 7).
    `CREATE TABLE task (
      id ${id}, enterprise_id ${int} NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, content TEXT NOT NULL,
      selector TEXT NOT NULL, schedule TEXT NOT NULL, strategy TEXT NOT NULL, state TEXT NOT NULL,
      created_by TEXT NOT NULL, created_at ${int} NOT NULL, updated_at ${int} NOT NULL)`,
    'CREATE INDEX task_state ON task(enterprise_id, state)',
    `CREATE TABLE task_run (
      id ${id}, task_id ${int} NOT NULL REFERENCES task(id) ON DELETE CASCADE, occurrence TEXT NOT NULL,
      state TEXT NOT NULL, reason TEXT, evidence_mark ${int} NOT NULL, due_at ${int} NOT NULL,
      started_at ${int}, ended_at ${int}, total ${int} NOT NULL, lease_owner TEXT, lease_until ${int})`,
    'CREATE UNIQUE INDEX task_run_occurrence ON task_run(task_id, occurrence)',
    // state: pending | leased | running | success | failure | not-applicable | skipped.
    `CREATE TABLE task_target (
      run_id ${int} NOT NULL REFERENCES task_run(id) ON DELETE CASCADE, device_id ${int} NOT NULL,
      position ${int} NOT NULL, wave ${int} NOT NULL DEFAULT 0, state TEXT NOT NULL, attempts ${int} NOT NULL DEFAULT 0,
      code TEXT, reason TEXT, evidence TEXT, via TEXT, mark ${int}, sent_at ${int}, not_before ${int},
      lease_owner TEXT, lease_until ${int}, started_at ${int}, ended_at ${int}, PRIMARY KEY (run_id, device_id))`,
    'CREATE INDEX task_target_state ON task_target(run_id, state, position)',
    'CREATE INDEX task_target_device ON task_target(device_id, state)',
    'CREATE INDEX task_target_lease ON task_target(lease_owner)',
  ],
};
