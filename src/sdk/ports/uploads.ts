/** Files that phones sent us: logs, overrides, contacts, call lists, reports. The bytes lie in `<home>/uploads`. */

export interface Upload {
  readonly id: number;
  readonly deviceId: number;
  /** `log`, `override`, `contacts`, `calls`, `report`, `capture`, `recording`, `crash` or `other`. */
  readonly kind: string;
  /** As the phone named it, in lower case. */
  readonly name: string;
  readonly size: number;
  /** Hex; `null` when it was appended to. */
  readonly sha256: string | null;
  /** Relative to `<home>/uploads`. */
  readonly path: string;
  readonly receivedAt: number;
}

export type NewUpload = Omit<Upload, 'id'>;

export interface UploadRepository {
  list(deviceId: number): Promise<readonly Upload[]>;
  find(deviceId: number, name: string): Promise<Upload | undefined>;
  /** Those of some kinds that came before a moment (milliseconds). */
  receivedBefore(at: number, kinds: readonly string[]): Promise<readonly Upload[]>;
  /** Replaces the record of the same name. */
  record(upload: NewUpload): Promise<void>;
  delete(deviceId: number, name: string): Promise<void>;
}
