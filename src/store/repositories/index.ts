/** All repositories over one connection, each made when it is first asked for. */
import type { Repositories } from '../../sdk/ports/store.ts';
import type { Connection } from '../connection.ts';
import { SqlAccountRepository } from './accounts.ts';
import { SqlCredentialRepository } from './credentials.ts';
import { SqlDeviceRepository } from './devices.ts';
import { SqlEvidenceRepository } from './evidence.ts';
import { SqlGroupRepository } from './groups.ts';
import { SqlLogRepository } from './log.ts';
import { SqlProfileRepository } from './profiles.ts';
import { SqlSettingsRepository } from './settings.ts';
import { SqlSiteRepository } from './sites.ts';
import { SqlTaskRepository } from './tasks.ts';
import { SqlUploadRepository } from './uploads.ts';

export function repositoriesOver(connection: Connection): Repositories {
  return {
    settings: new SqlSettingsRepository(connection),
    log: new SqlLogRepository(connection),
    sites: new SqlSiteRepository(connection),
    accounts: new SqlAccountRepository(connection),
    groups: new SqlGroupRepository(connection),
    devices: new SqlDeviceRepository(connection),
    credentials: new SqlCredentialRepository(connection),
    evidence: new SqlEvidenceRepository(connection),
    uploads: new SqlUploadRepository(connection),
    profiles: new SqlProfileRepository(connection),
    tasks: new SqlTaskRepository(connection),
  };
}
