/** Which mail server phonectl hands its mail to (SUB-02, AUTH-10, AUTH-16). */
import type { MailServer } from '../../net/smtp.ts';
import type { OperationContext } from '../context.ts';
import { PhonectlError } from '../errors.ts';
import type { Repositories } from '../ports/store.ts';

const SETTING = 'mail.server';
/** As all settings are sealed, so that `home check` opens it too. */
const ROW = `setting:${SETTING}`;

export type MailSecurity = MailServer['security'];

/** Where it usually listens (RFC 8314, RFC 5321). */
const PORTS: Readonly<Record<MailSecurity, number>> = { tls: 465, starttls: 587, none: 25 };

interface Stored {
  readonly host: string;
  readonly port: number;
  readonly security: MailSecurity;
  readonly from: string;
  readonly user?: string;
  /** Base64 of the sealed password. */
  readonly sealed?: string;
}

export interface MailSettings {
  /** Null while mail waits in the outbox only. */
  readonly host: string | null;
  readonly port: number | null;
  readonly security: MailSecurity | null;
  /** Address that mail comes from. */
  readonly from: string | null;
  readonly user: string | null;
  readonly password: 'set' | null;
}

export async function showMailSettings({ read }: Pick<OperationContext, 'read'>): Promise<MailSettings> {
  const stored = await read.settings.get<Stored>(SETTING);
  return shown(stored);
}

function shown(stored: Stored | undefined): MailSettings {
  return {
    host: stored?.host ?? null,
    port: stored?.port ?? null,
    security: stored?.security ?? null,
    from: stored?.from ?? null,
    user: stored?.user ?? null,
    password: stored?.sealed === undefined ? null : 'set',
  };
}

export interface MailChanges {
  /** Empty: no mail server any more. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly security?: MailSecurity | undefined;
  readonly from?: string | undefined;
  /** Empty: no login. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** Changes what is named, and nothing else. */
export async function editMailSettings(context: OperationContext, changes: MailChanges): Promise<MailSettings> {
  const before = await context.read.settings.get<Stored>(SETTING);
  const after = changes.host === '' ? undefined : merged(context, before, changes);
  if (changes.dryRun) return shown(after);
  await context.write(async ({ settings }) => {
    if (after === undefined) await settings.delete(SETTING);
    else await settings.set(SETTING, after);
    const { password: _, ...details } = shown(after);
    return [undefined, { object: 'settings:mail', result: 'done', details }];
  });
  return shown(after);
}

function merged({ secrets }: OperationContext, before: Stored | undefined, changes: MailChanges): Stored {
  const host = changes.host ?? before?.host;
  const from = changes.from ?? before?.from;
  if (host === undefined || from === undefined) {
    throw new PhonectlError('invalid_input', 'A mail server needs a host, and an address that mail comes from.', {
      hints: ['phonectl settings mail edit --host smtp.example.net --from phones@example.net'],
    });
  }
  const security = changes.security ?? before?.security ?? 'starttls';
  const port = changes.port ?? (changes.security === undefined ? before?.port : undefined) ?? PORTS[security];
  const user = changes.user === '' ? undefined : (changes.user ?? before?.user);
  // A password belongs to the server that it was given for: another host must not get it.
  const kept = host === before?.host && user === before?.user ? before?.sealed : undefined;
  const sealed =
    changes.password === undefined ? kept : Buffer.from(secrets.seal(changes.password, ROW)).toString('base64');
  if (user !== undefined && sealed === undefined) {
    throw new PhonectlError('invalid_input', `The password of ${user} at ${host} is missing.`, {
      hints: ['Give it with --password-stdin or --password-file.'],
    });
  }
  if (user !== undefined && security === 'none') {
    throw new PhonectlError('invalid_input', 'A password is not sent in the clear.', {
      hints: ['Use --security tls or starttls, or a server that needs no login.'],
    });
  }
  return { host, port, security, from, ...(user !== undefined && { user, sealed: sealed! }) };
}

/** The server with its password, and who mail comes from; `undefined` while there is none. */
export async function mailServer(
  settings: Repositories['settings'],
  { secrets }: Pick<OperationContext, 'secrets'>,
): Promise<{ server: MailServer; from: string } | undefined> {
  const stored = await settings.get<Stored>(SETTING);
  if (stored === undefined) return undefined;
  const { host, port, security, from, user, sealed } = stored;
  const login =
    user === undefined || sealed === undefined
      ? undefined
      : { user, password: secrets.open(Buffer.from(sealed, 'base64'), ROW) };
  return { server: { host, port, security, ...(login && { login }) }, from };
}
