/** Files for phones, and from them; see `schema.ts`. */
import type { Generated } from 'kysely';

type Id = Generated<number>;

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

export interface ContentSchema {
  resource: ResourceTable;
  image: ImageTable;
  device_file: DeviceFileTable;
  upload: UploadTable;
  capture: CaptureTable;
}
