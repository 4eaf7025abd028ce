/** What phones fetch beside their configuration. The bytes lie in `<home>/files` by their SHA-256. */

/** Bytes by content. */
export interface StoredFile {
  /** Hex, lower case. */
  readonly sha256: string;
  readonly size: number;
}

/** A file for many phones: a ring tone, a picture, a language (RES-01..11). */
export interface ResourceRecord extends StoredFile {
  readonly id: number;
  readonly name: string;
  /** The name that phones ask for. */
  readonly servedAs: string;
  readonly type: string;
  readonly description: string;
  /** Models that it suits; empty for all. */
  readonly models: readonly string[];
  readonly version: number;
  readonly createdBy: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export const IMAGE_FAMILIES = ['phone', 'cx', 'group-series'] as const;
export type ImageFamily = (typeof IMAGE_FAMILIES)[number];

/** A firmware image (FW-01). */
export interface ImageRecord extends StoredFile {
  readonly id: number;
  readonly name: string;
  readonly vendor: string;
  readonly family: ImageFamily;
  /** Version of the firmware in it, as phones report it. */
  readonly release: string;
  readonly description: string;
  /** Models that it runs on; empty where nobody said. */
  readonly models: readonly string[];
  readonly fileName: string;
  /** The licence file of a Group Series image (LIC-07). */
  readonly license: (StoredFile & { readonly name: string }) | null;
  readonly version: number;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** DFILE-05. */
export const FILE_DIRECTORIES = ['misc', 'contacts', 'overrides', 'license', 'profiles', 'certificate', 'flk'] as const;
export type FileDirectory = (typeof FILE_DIRECTORIES)[number];

/** A file that people put there for one device (DFILE-02). */
export interface DeviceFileRecord extends StoredFile {
  readonly deviceId: number;
  readonly name: string;
  readonly directory: FileDirectory;
  readonly createdBy: string;
  readonly createdAt: number;
}

/** The path that phones ask for below the provisioning URL. Several files of one release lie side by side. */
export function imagePath({ release, fileName, family }: Pick<ImageRecord, 'release' | 'fileName' | 'family'>): string {
  // FW-15: where CX devices look below their download path.
  return family === 'cx' ? `swupdate/CX/${release}/${fileName}` : `firmware/${release}/${fileName}`;
}

export interface ResourceRepository {
  /** By name. */
  list(): Promise<readonly ResourceRecord[]>;
  /** By name or id. */
  find(reference: string): Promise<ResourceRecord | undefined>;
  byServed(servedAs: string): Promise<ResourceRecord | undefined>;
  /** Throws `exists` when the name, or the name that phones ask for, is taken. Returns the id. */
  insert(resource: Omit<ResourceRecord, 'id' | 'version'>): Promise<number>;
  /** Writes all fields and bumps the version. Throws `exists`. */
  update(resource: ResourceRecord): Promise<void>;
  delete(ids: readonly number[]): Promise<void>;
}

export interface ImageRepository {
  /** By vendor, then newest release first as text. */
  list(): Promise<readonly ImageRecord[]>;
  find(reference: string): Promise<ImageRecord | undefined>;
  insert(image: Omit<ImageRecord, 'id' | 'version'>): Promise<number>;
  update(image: ImageRecord): Promise<void>;
  delete(ids: readonly number[]): Promise<void>;
}

export interface DeviceFileRepository {
  /** Of all devices, by device and name. */
  all(): Promise<readonly DeviceFileRecord[]>;
  list(deviceId: number): Promise<readonly DeviceFileRecord[]>;
  find(deviceId: number, name: string): Promise<DeviceFileRecord | undefined>;
  /** Replaces the file of that name. */
  put(file: DeviceFileRecord): Promise<void>;
  delete(deviceId: number, name: string): Promise<void>;
  /** Whether anything, of any of the three kinds, still needs these bytes. */
  isUsed(sha256: string): Promise<boolean>;
}
