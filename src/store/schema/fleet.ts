/** Sites, accounts and devices, and what is known of them; see `schema.ts`. */
import type { Generated } from 'kysely';

type Id = Generated<number>;

export interface EnterpriseTable {
  id: Id;
  name: string;
  created_at: number;
}

export interface SettingTable {
  enterprise_id: number;
  name: string;
  value: string;
}

export interface OperationLogTable {
  id: Id;
  enterprise_id: number;
  at: number;
  operation: string;
  object: string;
  result: string;
  actor: string;
  actor_kind: string;
  source: string;
  details: string;
  hash: string;
}

export interface SiteTable {
  id: Id;
  enterprise_id: number;
  kind: 'company' | 'internet' | 'intranet' | 'site';
  name: string;
  name_key: string;
  parent_id: number | null;
  description: Generated<string>;
  location: Generated<string>;
  provisioning: Generated<'certificate' | 'credential' | 'shared'>;
  auto_add: Generated<number>;
  download_path: string | null;
  time_zone: string | null;
  office_hours: string | null;
  version: Generated<number>;
  created_at: number;
  updated_at: number;
}

export interface SiteSubnetTable {
  id: Id;
  site_id: number;
  public_cidr: string;
  private_cidr: string | null;
}

export interface AccountTable {
  id: Id;
  enterprise_id: number;
  type: 'sip' | 'sfb' | 'yms' | 'cloud' | 'h323';
  name: string;
  name_key: string;
  username: Generated<string>;
  auth_name: Generated<string>;
  password: Uint8Array | null;
  display_name: Generated<string>;
  label: Generated<string>;
  server: Generated<string>;
  port: number | null;
  transport: string | null;
  server2: Generated<string>;
  port2: number | null;
  site_id: number | null;
  description: Generated<string>;
  version: Generated<number>;
  created_at: number;
  updated_at: number;
}

export interface DeviceTable {
  id: Id;
  enterprise_id: number;
  mac: string | null;
  serial: string | null;
  machine_id: string | null;
  kind: Generated<'sip' | 'usb' | 'room' | 'dect' | 'codec'>;
  vendor: 'poly' | 'yealink' | 'cisco' | null;
  model: string | null;
  family: string | null;
  name: Generated<string>;
  name_key: Generated<string>;
  description: Generated<string>;
  site_id: number;
  site_mode: Generated<'auto' | 'pinned'>;
  private_ip: string | null;
  control_url: string | null;
  port: string | null;
  tags: Generated<string>;
  origin: Generated<'manual' | 'csv' | 'auto'>;
  state: Generated<'active' | 'quarantined' | 'replaced'>;
  replaced_by: number | null;
  document: string | null;
  version: Generated<number>;
  created_at: number;
  updated_at: number;
}

export interface DeviceFactTable {
  device_id: number;
  seen_at: number | null;
  first_seen_at: number | null;
  online: Generated<number>;
  public_ip: string | null;
  reported_ip: string | null;
  address_at: number | null;
  vendor: string | null;
  model: string | null;
  firmware: string | null;
  identity_at: number | null;
  sip: Generated<'registered' | 'partial' | 'unregistered' | 'aged' | 'unknown'>;
  sip_at: number | null;
  lines: Generated<string>;
  call: Generated<'idle' | 'in-call'>;
  call_at: number | null;
  booted_at: number | null;
  provisioned_at: number | null;
  provision_result: 'success' | 'failed' | null;
  served_digest: string | null;
  served_at: number | null;
  served_to: string | null;
  running_digest: string | null;
  running_at: number | null;
  attention: string | null;
}

export interface DeviceLineTable {
  device_id: number;
  line: number;
  account_id: number;
}

export interface DeviceGroupTable {
  id: Id;
  enterprise_id: number;
  name: string;
  name_key: string;
  description: Generated<string>;
  rank: number;
  default_rank: number | null;
  version: Generated<number>;
  created_at: number;
  updated_at: number;
}

export interface DeviceGroupMemberTable {
  device_id: number;
  group_id: number;
  position: number;
}

export interface ApprovedModelTable {
  id: Id;
  enterprise_id: number;
  vendor: string;
  model: string;
  site_id: number | null;
}

export interface DeviceCredentialTable {
  device_id: number;
  purpose: 'provisioning' | 'admin' | 'event';
  username: string;
  secret: Uint8Array;
  verifier: string;
  previous: Uint8Array | null;
  previous_verifier: string | null;
  previous_until: number | null;
  created_at: number;
  first_used_at: number | null;
  last_used_at: number | null;
}

export interface EnrolmentTable {
  device_id: number;
  opened_at: number;
  closes_at: number;
  networks: string;
  bound_address: string | null;
  served_at: number | null;
  completed_at: number | null;
}

export interface QuarantineTable {
  enterprise_id: number;
  mac: string;
  first_seen_at: number;
  last_seen_at: number;
  requests: number;
  address: string;
  user_agent: string;
  vendor: string | null;
  model: string | null;
  firmware: string | null;
}

export interface EvidenceTable {
  id: Id;
  device_id: number;
  at: number;
  kind: string;
  address: string | null;
  detail: Generated<string>;
}

export interface TrustedCaTable {
  id: Id;
  enterprise_id: number;
  vendor: string;
  subject: string;
  fingerprint: string;
  pem: string;
  allow_expired: Generated<number>;
  created_at: number;
}

export interface DeviceRunningTable {
  device_id: number;
  at: number;
  desired: string;
  running: string;
  basis: string;
  differences: string;
}

export interface LoadSampleTable {
  device_id: number;
  at: number;
  cpu: number | null;
  cpu_average: number | null;
  memory_used: number | null;
  memory_total: number | null;
}

export interface FleetSchema {
  enterprise: EnterpriseTable;
  setting: SettingTable;
  operation_log: OperationLogTable;
  site: SiteTable;
  site_subnet: SiteSubnetTable;
  account: AccountTable;
  device: DeviceTable;
  device_fact: DeviceFactTable;
  device_line: DeviceLineTable;
  device_group: DeviceGroupTable;
  device_group_member: DeviceGroupMemberTable;
  approved_model: ApprovedModelTable;
  device_credential: DeviceCredentialTable;
  enrolment: EnrolmentTable;
  quarantine: QuarantineTable;
  evidence: EvidenceTable;
  trusted_ca: TrustedCaTable;
  device_running: DeviceRunningTable;
  load_sample: LoadSampleTable;
}
