/** All repositories over one connection, each made when it is first asked for. */
import type { Repositories } from '../../sdk/ports/store.ts';
import type { Connection } from '../connection.ts';
import { SqlAccountRepository } from './accounts.ts';
import { SqlCallbackRepository } from './callbacks.ts';
import { SqlCaptureRepository } from './captures.ts';
import { SqlChangeRepository } from './changes.ts';
import { SqlCredentialRepository } from './credentials.ts';
import { SqlDeviceFileRepository } from './device-files.ts';
import { SqlDeviceRepository } from './devices.ts';
import { SqlDiagnosisRepository } from './diagnoses.ts';
import { SqlEnrolmentRepository } from './enrolments.ts';
import { SqlEvidenceRepository } from './evidence.ts';
import { SqlGivenFileRepository } from './given-files.ts';
import { SqlGroupRepository } from './groups.ts';
import { SqlIdempotencyRepository } from './idempotency.ts';
import { SqlImageRepository } from './images.ts';
import { SqlKeyRepository } from './keys.ts';
import { SqlLogRepository } from './log.ts';
import { SqlMacFileRepository } from './mac-files.ts';
import { SqlModelRepository } from './models.ts';
import { SqlProfileRepository } from './profiles.ts';
import { SqlReadingRepository } from './readings.ts';
import { SqlResourceRepository } from './resources.ts';
import { SqlRoleRepository } from './roles.ts';
import { SqlRunningRepository } from './running.ts';
import { SqlSettingsRepository } from './settings.ts';
import { SqlSiteRepository } from './sites.ts';
import { SqlTaskRepository } from './tasks.ts';
import { SqlTrustRepository } from './trust.ts';
import { SqlUploadRepository } from './uploads.ts';
import { SqlUserRepository } from './users.ts';

export function repositoriesOver(connection: Connection): Repositories {
  return {
    settings: new SqlSettingsRepository(connection),
    log: new SqlLogRepository(connection),
    sites: new SqlSiteRepository(connection),
    accounts: new SqlAccountRepository(connection),
    groups: new SqlGroupRepository(connection),
    models: new SqlModelRepository(connection),
    devices: new SqlDeviceRepository(connection),
    credentials: new SqlCredentialRepository(connection),
    enrolments: new SqlEnrolmentRepository(connection),
    evidence: new SqlEvidenceRepository(connection),
    trust: new SqlTrustRepository(connection),
    uploads: new SqlUploadRepository(connection),
    profiles: new SqlProfileRepository(connection),
    changes: new SqlChangeRepository(connection),
    tasks: new SqlTaskRepository(connection),
    readings: new SqlReadingRepository(connection),
    running: new SqlRunningRepository(connection),
    resources: new SqlResourceRepository(connection),
    images: new SqlImageRepository(connection),
    macFiles: new SqlMacFileRepository(connection),
    diagnoses: new SqlDiagnosisRepository(connection),
    captures: new SqlCaptureRepository(connection),
    deviceFiles: new SqlDeviceFileRepository(connection),
    givenFiles: new SqlGivenFileRepository(connection),
    roles: new SqlRoleRepository(connection),
    keys: new SqlKeyRepository(connection),
    callbacks: new SqlCallbackRepository(connection),
    users: new SqlUserRepository(connection),
    idempotency: new SqlIdempotencyRepository(connection),
  };
}
