/** Who may reach the fleet from elsewhere, and where: the management API, passwords, keys, mail (NET-05, NET-06, AUTH-09). */
import { authorityCertificate } from '../certificates/authority.ts';
import type { OperationContext } from '../context.ts';
import { listMails } from '../mail/outbox.ts';
import { showMailSettings } from '../mail/settings.ts';
import { type Check, ok, warn } from './check.ts';

const DAY = 86_400_000;
/** AUTH-09: passwords are to be changed regularly. */
const OLD_PASSWORD = 365 * DAY;
const SOON = 14 * DAY;
const PROBE_TIMEOUT = 5000;
/** NET-05. */
const API_PORT = '8445';

export async function checkAccess(context: OperationContext): Promise<readonly Check[]> {
  return [
    ...(await checkApi(context)),
    ...(await checkPasswords(context)),
    ...(await checkKeys(context)),
    ...(await checkMail(context)),
  ];
}

/** The management API, where the server that was started last has it; nothing when it has none. */
async function checkApi(context: OperationContext): Promise<readonly Check[]> {
  let address: string | undefined;
  for await (const { details } of context.read.log.list({ operation: 'server.run', limit: 1 })) {
    const listening = details['listening'] as readonly { kind?: string; address?: string }[] | undefined;
    address = listening?.find(({ kind }) => kind === 'api')?.address;
  }
  if (address === undefined) return [];
  const url = new URL(address.replace('//[::]', '//[::1]').replace('//0.0.0.0', '//127.0.0.1'));
  const ca = authorityCertificate(context.home);
  const { probeServer } = await import('../../net/probe.ts');
  const probe = await probeServer(url, {
    path: '/v1/auth/whoami',
    timeout: PROBE_TIMEOUT,
    ...(ca !== undefined && { authorities: [ca] }),
  });
  const port = url.port || '443';
  if (probe.status !== 401) {
    const why = probe.connected ? `answers ${probe.status ?? 'nothing'}` : 'is not there';
    return [warn('port.api', `The management API at ${address} ${why}.`, 'Start it again: phonectl serve --api')];
  }
  if (port === API_PORT) return [ok('port.api', `The management API listens at ${address}.`)];
  return [
    warn(
      'port.api',
      `The management API listens on port ${port}, not on ${API_PORT}.`,
      'Firewalls and other people expect it there: phonectl serve --api',
    ),
  ];
}

async function checkPasswords({ read, clock }: OperationContext): Promise<readonly Check[]> {
  const users = await read.users.list();
  const old = users.filter((user) => user.frozenAt === null && clock.now() - user.passwordAt > OLD_PASSWORD);
  if (users.length === 0) return [];
  if (old.length === 0) return [ok('access.passwords', 'Every user has changed the password within a year.')];
  const names = old.map(({ email }) => email).slice(0, 5);
  return [
    warn(
      'access.passwords',
      `${old.length} of ${users.length} users have had their password for more than a year: ${names.join(', ')}${
        old.length > names.length ? ', …' : ''
      }.`,
      'Have them change it: phonectl auth passwd.',
    ),
  ];
}

async function checkKeys({ read, clock }: OperationContext): Promise<readonly Check[]> {
  const now = clock.now();
  const soon = (await read.keys.list()).filter(
    ({ revokedAt, expiresAt }) => revokedAt === null && expiresAt !== null && expiresAt > now && expiresAt - now < SOON,
  );
  return soon.map(({ name, expiresAt }) =>
    warn(
      'access.keys',
      `The access key "${name}" expires on ${new Date(expiresAt!).toISOString().slice(0, 10)}.`,
      'Prolong it (phonectl key edit NAME --expires 90d), or give the program another one: phonectl key create.',
    ),
  );
}

async function checkMail(context: OperationContext): Promise<readonly Check[]> {
  const waiting = (await listMails(context.home)).length;
  const { host } = await showMailSettings(context);
  if (waiting === 0) return [];
  const mails = waiting === 1 ? '1 mail waits' : `${waiting} mails wait`;
  if (host === null) {
    return [
      warn(
        'mail',
        `${mails} in the outbox, and no mail server is set.`,
        'Hand them on (phonectl user outbox), or set one: phonectl settings mail edit --host HOST --from EMAIL',
      ),
    ];
  }
  return [warn('mail', `${mails} in the outbox for ${host}.`, 'See what it says: phonectl user outbox --send')];
}
