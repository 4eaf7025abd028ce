/** Tasks, their runs and targets, and what rollouts remember; see `schema.ts`. */
import type { Generated } from 'kysely';

type Id = Generated<number>;

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
  holder: string | null;
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

export interface FirmwareBeforeTable {
  run_id: number;
  device_id: number;
  release: string | null;
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

export interface TasksSchema {
  task: TaskTable;
  task_run: TaskRunTable;
  task_target: TaskTargetTable;
  firmware_before: FirmwareBeforeTable;
  given_file: GivenFileTable;
}
