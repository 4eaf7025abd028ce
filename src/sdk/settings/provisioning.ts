/** The fleet's provisioning settings: address, account, polling, download paths, limits (PROV-01, 02, 05, 07). */
import { hostNameProblem } from '../../domain/host-name.ts';
import { SYSLOG } from '../configuration/base.ts';
import type { OperationContext } from '../context.ts';
import { DEFAULT_DAYS, RETENTION_SETTING } from '../device-files/retention.ts';
import { PhonectlError } from '../errors.ts';
import { FILE_LIMITS_SETTING, type FileLimits, readFileLimits } from './file-limits.ts';
import { type Rotation, rotationOf } from './rotation.ts';
import {
  openSharedAccount,
  randomPassword,
  SHARED_ACCOUNT,
  type StoredSharedAccount,
  sealSharedAccount,
} from './shared-account.ts';
import { readSyslogTarget, type SyslogTarget, syslogText } from './syslog.ts';

export interface DownloadPaths {
  /** Devices outside our sites. */
  readonly internet?: string;
  /** Devices at our sites. */
  readonly enterprise?: string;
}

export interface ProvisioningSettings {
  /** What phones are told; its certificate must name this host. */
  readonly url: string | null;
  readonly account: {
    readonly username: string;
    /** The password before the last rotation works until then (ISO 8601); `null` when it does not. */
    readonly previousUntil: string | null;
    /** How far that rotation has come; `null` when it is over. */
    readonly rotation: Rotation | null;
  } | null;
  /** Phones poll once a day in this time of theirs (PROV-02). */
  readonly pollWindow: string;
  readonly timeServer: string | null;
  /** `udp://HOST:PORT`; null: nowhere. The first `serve --syslog` fills it in. */
  readonly syslog: string | null;
  readonly downloadPaths: DownloadPaths;
  /** Days that logs and reports of phones are kept. */
  readonly uploadDays: number;
  readonly files: FileLimits;
}

export async function showProvisioning(context: OperationContext): Promise<ProvisioningSettings> {
  const { read, clock } = context;
  const { settings } = read;
  const account = await settings.get<StoredSharedAccount>(SHARED_ACCOUNT);
  const until = account?.previous?.until ?? 0;
  return {
    url: (await settings.get<string>('provisioning.url')) ?? null,
    account:
      account === undefined
        ? null
        : {
            username: account.username,
            previousUntil: until > clock.now() ? new Date(until).toISOString() : null,
            rotation: await rotationOf(context, account),
          },
    pollWindow: (await settings.get<{ window: string }>('provisioning.poll'))?.window ?? '03:00-05:00',
    timeServer: (await settings.get<string>('provisioning.timeServer')) ?? null,
    syslog: shownSyslog(await settings.get<SyslogTarget | null>(SYSLOG)),
    downloadPaths: (await settings.get<DownloadPaths>('provisioning.downloadPath')) ?? {},
    uploadDays: (await settings.get<number>(RETENTION_SETTING)) ?? DEFAULT_DAYS,
    files: readFileLimits(await settings.get(FILE_LIMITS_SETTING)),
  };
}

function shownSyslog(target: SyslogTarget | null | undefined): string | null {
  return target === null || target === undefined ? null : syslogText(target);
}

export interface ProvisioningChanges {
  readonly url?: string | undefined;
  /** First label of the provisioning address (DEPLOY-21). */
  readonly host?: string | undefined;
  readonly pollWindow?: string | undefined;
  readonly timeServer?: string | undefined;
  /** `HOST:PORT`, `tls://HOST:PORT`; an empty text: nowhere. */
  readonly syslog?: string | undefined;
  /** An empty text takes a path away. */
  readonly downloadPaths?: DownloadPaths | undefined;
  readonly uploadDays?: number | undefined;
  readonly files?: Partial<FileLimits> | undefined;
  readonly dryRun?: boolean | undefined;
}

/** Changes what is named, and nothing else. Phones learn of it at their next poll. */
export async function editProvisioning(
  context: OperationContext,
  input: ProvisioningChanges,
): Promise<ProvisioningSettings> {
  const before = await showProvisioning(context);
  const url = input.url === undefined ? renamed(before.url, input.host) : checkedUrl(input.url);
  const paths = { ...before.downloadPaths, ...input.downloadPaths };
  const values: readonly (readonly [name: string, value: unknown])[] = [
    ['provisioning.url', url],
    ['provisioning.poll', input.pollWindow === undefined ? undefined : { window: checkedWindow(input.pollWindow) }],
    ['provisioning.timeServer', input.timeServer],
    [SYSLOG, input.syslog === undefined ? undefined : readSyslogTarget(input.syslog)],
    ['provisioning.downloadPath', input.downloadPaths === undefined ? undefined : checkedPaths(paths)],
    [RETENTION_SETTING, input.uploadDays],
    [FILE_LIMITS_SETTING, input.files === undefined ? undefined : { ...before.files, ...input.files }],
  ];
  const changed = values.filter(([, value]) => value !== undefined);
  if (input.dryRun === true || changed.length === 0) return before;
  await context.write(async ({ settings }) => {
    for (const [name, value] of changed) await settings.set(name, value);
    const details = Object.fromEntries(changed);
    return [undefined, { object: 'settings:provisioning', result: 'done', details }];
  });
  return await showProvisioning(context);
}

function renamed(url: string | null, host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  const problem = hostNameProblem(host);
  if (problem !== undefined) throw new PhonectlError('invalid_input', problem);
  if (url === null) throw new PhonectlError('conflict', 'This home has no provisioning URL whose host could be named.');
  const parsed = new URL(url);
  const labels = parsed.hostname.split('.');
  if (labels.length < 2 || process.getBuiltinModule('node:net').isIP(parsed.hostname.replace(/^\[|\]$/g, '')) !== 0) {
    throw new PhonectlError('conflict', `${parsed.hostname} has no first label that could be changed.`, {
      hints: ['Set the whole address: phonectl settings provisioning edit --url https://…/'],
    });
  }
  parsed.hostname = [host, ...labels.slice(1)].join('.');
  return parsed.href;
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && url.username === '' && url.search === '' && url.hash === '') {
    return url.href.endsWith('/') ? url.href : `${url.href}/`;
  }
  throw new PhonectlError(
    'invalid_input',
    'The provisioning URL begins with https:// and holds no login and no query.',
  );
}

function checkedWindow(text: string): string {
  if (/^(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d$/.test(text)) return text;
  throw new PhonectlError('invalid_input', `"${text.slice(0, 40)}" is no window of a day.`, {
    hints: ['Write it as 03:00-05:00.'],
  });
}

function checkedPaths(paths: DownloadPaths): DownloadPaths {
  const kept = Object.entries(paths).filter(([, url]) => url !== '');
  for (const [where, url] of kept) {
    if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) continue;
    throw new PhonectlError('invalid_input', `The download path for ${where} is no http(s) URL.`);
  }
  return Object.fromEntries(kept.map(([where, url]) => [where, url.endsWith('/') ? url : `${url}/`]));
}

export interface AccountWritten {
  readonly username: string;
  /** Only with `reveal`. */
  readonly password: string | null;
  /** The old password works until then (ISO 8601); `null` when there is no old one or no grace. */
  readonly previousUntil: string | null;
}

/**
 * Sets the account, or gives it a new password (PROV-07). Phones of classic sites have to be told; until the grace is
 * over the old password still opens what it opened.
 */
export async function setAccount(
  context: OperationContext,
  input: {
    readonly username?: string | undefined;
    readonly password?: string | undefined;
    /** Milliseconds. */
    readonly grace?: number | undefined;
    readonly reveal?: boolean | undefined;
    readonly dryRun?: boolean | undefined;
  },
): Promise<AccountWritten> {
  if (input.reveal === true) context.require('home:reveal');
  const { secrets, clock } = context;
  const before = await context.read.settings.get<StoredSharedAccount>(SHARED_ACCOUNT);
  const username = input.username ?? before?.username ?? 'provision';
  const password = input.password ?? randomPassword();
  refuseDefaults(username, password);
  const until = clock.now() + (input.grace ?? 0);
  const keeps = before !== undefined && before.username === username && (input.grace ?? 0) > 0;
  const previous = keeps ? { sealed: before.sealed, since: clock.now(), until } : undefined;
  const result = {
    username,
    password: input.reveal === true ? password : null,
    previousUntil: keeps ? new Date(until).toISOString() : null,
  };
  if (input.dryRun === true) return { ...result, password: null };
  await context.write(async ({ settings }) => {
    const account = sealSharedAccount(secrets, { username, password });
    await settings.set(SHARED_ACCOUNT, { ...account, ...(previous && { previous }) });
    const details = { username, previousUntil: result.previousUntil };
    return [undefined, { object: 'settings:provisioning.account', result: 'done', details }];
  });
  // What cannot be opened again would lock every phone out: told now, not when the first one comes.
  openSharedAccount(await context.read.settings.get(SHARED_ACCOUNT), secrets);
  return result;
}

/** S-08: what every scanner tries first. */
function refuseDefaults(username: string, password: string): void {
  if (/^PlcmSpIp$/i.test(password) || ['456', '789', 'admin', username].includes(password) || password.length < 8) {
    throw new PhonectlError('invalid_input', 'This password is one that scanners try, or shorter than 8 characters.', {
      hints: ['Leave it out, and phonectl makes one of 130 random bits.'],
    });
  }
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(username)) {
    throw new PhonectlError('invalid_input', 'A user name has up to 64 letters, digits and . _ -');
  }
}
