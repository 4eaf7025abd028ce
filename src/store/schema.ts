/** The tables as Kysely sees them; `migrations/` creates them and says what the columns mean. */
import type { Generated } from 'kysely';
import type { AccessSchema } from './access-schema.ts';

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
export interface UploadTable {
  id: Id;
  device_id: number;
  kind: string;
  name: string;
  size: number;
  sha256: string | null;
  path: string;
  received_at: number;
}
export interface TaskTable {
  id: Id;
  enterprise_id: number;
  name: string;
  type: string;
  content: string;
  selector: string;
  schedule: string;
  strategy: string;
  state: string;
  created_by: string;
  created_kind: Generated<string>;
  created_at: number;
  updated_at: number;
  scope: Generated<string>;
  next_at: number | null;
  planned_at: number | null;
  version: Generated<number>;
}
export interface TaskRunTable {
  id: Id;
  task_id: number;
  occurrence: string;
  state: string;
  reason: string | null;
  evidence_mark: number;
  due_at: number;
  started_at: number | null;
  ended_at: number | null;
  total: number;
  lease_owner: string | null;
  lease_until: number | null;
  success: Generated<number>;
  failure: Generated<number>;
  not_applicable: Generated<number>;
  skipped: Generated<number>;
}
export interface TaskTargetTable {
  run_id: number;
  device_id: number;
  position: number;
  wave: Generated<number>;
  state: string;
  attempts: Generated<number>;
  code: string | null;
  reason: string | null;
  evidence: string | null;
  via: string | null;
  mark: number | null;
  sent_at: number | null;
  not_before: number | null;
  lease_owner: string | null;
  lease_until: number | null;
  started_at: number | null;
  ended_at: number | null;
  source: string | null;
  zone: string | null;
}

export interface ProfileTable {
  id: Id;
  enterprise_id: number;
  uid: string;
  name: string;
  name_key: string;
  vendor: string;
  type: 'standard' | 'user' | 'software' | 'imported';
  description: string;
  models: string;
  image_id: number | null;
  parameters: string;
  version: number;
  modified_by: string;
  created_at: number;
  updated_at: number;
}
export interface AssignmentTable {
  id: Id;
  enterprise_id: number;
  profile_id: number;
  layer: 'global' | 'group' | 'model' | 'site' | 'user' | 'device';
  target: string;
  priority: number;
  apply: 'auto' | 'manual';
  created_at: number;
}
export interface AssignmentPushTable {
  assignment_id: number;
  device_id: number;
  uid: string;
  parameters: string;
  pushed_at: number;
}
export interface MacFileTable {
  id: Id;
  device_id: number;
  uid: string;
  parameters: string;
  source: string;
  author: string;
  active: number;
  created_at: number;
}
export interface RevisionTable {
  id: Id;
  enterprise_id: number;
  at: number;
  author: string;
  reason: string;
  operation: string;
  summary: string;
}
export interface RevisionEntryTable {
  id: Id;
  revision_id: number;
  kind: 'profile' | 'assignment';
  object_id: number;
  before: string | null;
  after: string | null;
}
export interface ChangeTable {
  id: Id;
  enterprise_id: number;
  name: string;
  edits: string;
  author: string;
  base_revision: number;
  created_at: number;
  updated_at: number;
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

export interface ResourceTable {
  id: Id;
  enterprise_id: number;
  name: string;
  name_key: string;
  served_as: string;
  served_key: string;
  type: string;
  description: string;
  models: string;
  sha256: string;
  size: number;
  version: Generated<number>;
  created_by: string;
  created_at: number;
  updated_at: number;
}
export interface ImageTable {
  id: Id;
  enterprise_id: number;
  name: string;
  name_key: string;
  vendor: string;
  family: string;
  release: string;
  description: string;
  models: string;
  file_name: string;
  served_key: string;
  sha256: string;
  size: number;
  license: string | null;
  license_name: string | null;
  license_size: number | null;
  version: Generated<number>;
  created_by: string;
  created_at: number;
  updated_at: number;
}
export interface GivenFileTable {
  device_id: number;
  slot: string;
  file_id: number;
  parameters: string;
  task_id: number;
  run_id: number;
  at: number;
  before: string | null;
}
export interface FirmwareBeforeTable {
  run_id: number;
  device_id: number;
  release: string | null;
}
export interface DeviceFileTable {
  id: Id;
  device_id: number;
  name: string;
  name_key: string;
  directory: string;
  sha256: string;
  size: number;
  created_by: string;
  created_at: number;
}

export interface DiagnosisTable {
  device_id: number;
  uid: string;
  parameters: string;
  author: string;
  changed_at: number;
}
export interface CaptureTable {
  id: Id;
  device_id: number;
  token: string;
  name: string;
  state: string;
  switched: number;
  filter: Generated<string>;
  megabytes: number;
  author: string;
  started_at: number;
  ends_at: number;
  ended_at: number | null;
  reason: string | null;
}

export interface Schema extends AccessSchema {
  diagnosis: DiagnosisTable;
  capture: CaptureTable;
  device_running: DeviceRunningTable;
  load_sample: LoadSampleTable;
  resource: ResourceTable;
  image: ImageTable;
  device_file: DeviceFileTable;
  given_file: GivenFileTable;
  firmware_before: FirmwareBeforeTable;
  profile: ProfileTable;
  assignment: AssignmentTable;
  assignment_push: AssignmentPushTable;
  mac_file: MacFileTable;
  revision: RevisionTable;
  revision_entry: RevisionEntryTable;
  change: ChangeTable;
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
  upload: UploadTable;
  task: TaskTable;
  task_run: TaskRunTable;
  task_target: TaskTargetTable;
}
