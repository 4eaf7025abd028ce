/**
 * The store as the SDK sees it. `src/store` implements it on SQLite; PostgreSQL will implement the same.
 */
import type { AccountRepository } from './accounts.ts';
import type { BulkColumns, BulkDevices } from './bulk.ts';
import type { CallbackRepository } from './callbacks.ts';
import type { CaptureRepository } from './captures.ts';
import type { ChangeRepository } from './changes.ts';
import type { CredentialRepository } from './credentials.ts';
import type { DeviceRepository } from './devices.ts';
import type { DiagnosisRepository } from './diagnoses.ts';
import type { EnrolmentRepository } from './enrolments.ts';
import type { EvidenceRepository } from './evidence.ts';
import type { FactWriter } from './facts.ts';
import type { DeviceFileRepository, ImageRepository, ResourceRepository } from './files.ts';
import type { GivenFileRepository } from './given-files.ts';
import type { GroupRepository } from './groups.ts';
import type { IdempotencyRepository } from './idempotency.ts';
import type { KeyRepository } from './keys.ts';
import type { LogRepository } from './log.ts';
import type { MacFileRepository } from './mac-files.ts';
import type { ModelRepository } from './models.ts';
import type { ProfileRepository } from './profiles.ts';
import type { ReadingRepository } from './readings.ts';
import type { RoleRepository } from './roles.ts';
import type { RunningRepository } from './running.ts';
import type { ServingReader } from './serving.ts';
import type { SettingsRepository } from './settings.ts';
import type { SiteRepository } from './sites.ts';
import type { TaskRepository } from './tasks.ts';
import type { TrustRepository } from './trust.ts';
import type { UploadRepository } from './uploads.ts';
import type { UserRepository } from './users.ts';

export interface Repositories {
  readonly settings: SettingsRepository;
  readonly log: LogRepository;
  readonly sites: SiteRepository;
  readonly accounts: AccountRepository;
  readonly groups: GroupRepository;
  readonly models: ModelRepository;
  readonly devices: DeviceRepository;
  readonly credentials: CredentialRepository;
  readonly enrolments: EnrolmentRepository;
  readonly evidence: EvidenceRepository;
  readonly trust: TrustRepository;
  readonly uploads: UploadRepository;
  readonly profiles: ProfileRepository;
  readonly changes: ChangeRepository;
  readonly tasks: TaskRepository;
  readonly readings: ReadingRepository;
  readonly running: RunningRepository;
  readonly resources: ResourceRepository;
  readonly images: ImageRepository;
  readonly deviceFiles: DeviceFileRepository;
  readonly givenFiles: GivenFileRepository;
  readonly macFiles: MacFileRepository;
  readonly diagnoses: DiagnosisRepository;
  readonly captures: CaptureRepository;
  readonly roles: RoleRepository;
  readonly keys: KeyRepository;
  readonly callbacks: CallbackRepository;
  readonly users: UserRepository;
  readonly idempotency: IdempotencyRepository;
}

export interface Store {
  readonly read: Repositories;
  /** One IMMEDIATE transaction at a time per process; waits for other processes, then fails with `locked`. */
  transaction<T>(work: (repositories: Repositories) => Promise<T>): Promise<T>;
  /** Changes whenever any process has committed; cheap enough to ask per request. */
  version(): number;
  /**
   * Repositories on a read connection of their own, for a list that is read slowly: while it is, its connection sees the
   * fleet as it was, and nobody else may be held to that. The caller closes it.
   */
  reader(): { readonly read: Repositories; close(): void };
  /** Begins a bulk write of devices; its scratch database lies in `folder`. The caller closes it. */
  bulkDevices(folder: string, columns: BulkColumns): Promise<BulkDevices>;
  /** Reads of the provisioning path. */
  serving(): Promise<ServingReader>;
  /** Starts the thread that writes what `serve` learns; the caller closes it. */
  factWriter(): Promise<FactWriter>;
  close(): Promise<void>;
}
