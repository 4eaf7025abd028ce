/** What decides the configuration of phones, and its history; see `schema.ts`. */
import type { Generated } from 'kysely';

type Id = Generated<number>;

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

export interface DiagnosisTable {
  device_id: number;
  uid: string;
  parameters: string;
  author: string;
  changed_at: number;
}

export interface ConfigurationSchema {
  profile: ProfileTable;
  assignment: AssignmentTable;
  assignment_push: AssignmentPushTable;
  mac_file: MacFileTable;
  revision: RevisionTable;
  revision_entry: RevisionEntryTable;
  change: ChangeTable;
  diagnosis: DiagnosisTable;
}
