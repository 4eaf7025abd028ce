/** The provisioning server as phones meet it: name, port, certificate, answer (NET-06, NET-08, NET-11). */
import type { X509Certificate } from 'node:crypto';
import type { ServerProbe } from '../../net/probe.ts';
import { authorityCertificate } from '../certificates/authority.ts';
import { readIdentities, type ServerIdentities } from '../certificates/identity.ts';
import { PROVISIONING_URL } from '../configuration/base.ts';
import type { OperationContext } from '../context.ts';
import { isPhonectlError } from '../errors.ts';
import { type Check, fail, ok, warn } from './check.ts';

const DAY = 86_400_000;
const PROBE_TIMEOUT = 5000;

/** NET-11: without a login this path must be answered with 401; then phones can reach the server. */
const TEST_PATH = '/000000000000.cfg';

/** `host` instead of the fleet's own URL: another name, a proxy in front. */
export async function checkServer(context: OperationContext, host?: string): Promise<readonly Check[]> {
  const setting = await context.read.settings.get<string>(PROVISIONING_URL);
  if (setting === undefined) {
    return [
      fail(
        'url',
        'This home has no provisioning URL.',
        'A home gets its URL when it is made: phonectl init --url https://…',
      ),
    ];
  }
  const url = target(setting, host);
  if (url === undefined)
    return [fail('url', `"${host}" is no host name or address.`, 'Write prov.example.net or 10.20.0.5:8443.')];
  const ca = authorityCertificate(context.home);
  const { probeServer } = await import('../../net/probe.ts');
  const probe = await probeServer(url, {
    path: TEST_PATH,
    timeout: PROBE_TIMEOUT,
    ...(ca !== undefined && { authorities: [ca] }),
  });
  return [checkName(url, probe), checkPort(url), checkAnswer(url, probe), ...checkOffset(probe)];
}

function target(setting: string, host: string | undefined): URL | undefined {
  if (host === undefined) return new URL(setting);
  const text = /^https:\/\//i.test(host) ? host : `https://${host}/`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** NET-08. */
function checkName(url: URL, { addresses }: ServerProbe): Check {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (addresses.length === 0) {
    return fail('dns', `The name ${host} stands for no address.`, 'Enter it into the DNS that phones use.');
  }
  const { networkInterfaces } = process.getBuiltinModule('node:os');
  const own = new Set(Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? []));
  const here = addresses.some((address) => own.has(address));
  const list = addresses.join(', ');
  if (addresses.every((address) => address.startsWith('127.') || address === '::1')) {
    return warn(
      'dns',
      `${host} is this machine's loopback (${list}): no phone can reach it.`,
      'Use a name or address of the network in the provisioning URL.',
    );
  }
  return ok(
    'dns',
    here
      ? `${host} is this machine (${list}).`
      : `${host} is ${list}, not an address of this machine: a proxy or router must lead here.`,
  );
}

/** NET-06: phones' networks let 443 out; another port has to be opened. */
function checkPort(url: URL): Check {
  const port = Number(url.port) || 443;
  if (port === 443) return ok('port', 'Phones are sent to port 443, which firewalls let through.');
  return warn(
    'port',
    `Phones are sent to port ${port}, which firewalls may block.`,
    'Use 443, or open the port on the way.',
  );
}

function checkAnswer(url: URL, probe: ServerProbe): Check {
  const where = url.host;
  if (!probe.connected) {
    const refused = probe.error === 'ECONNREFUSED';
    return fail(
      'connect',
      refused ? `Nobody listens at ${where}.` : `${where} cannot be reached (${probe.error ?? 'no answer'}).`,
      refused
        ? 'Start the server: phonectl serve (or systemctl start phonectl).'
        : 'Look at firewalls and routes on the way.',
    );
  }
  if (probe.trusted !== true) {
    return fail(
      'connect',
      `The certificate that ${where} shows is not good (${probe.distrust ?? 'unknown'}).`,
      'phonectl cert status says what is installed; restart the server after a change.',
    );
  }
  if (probe.status === 401) return ok('connect', `${where} asks for a login over ${probe.protocol}, as it should.`);
  const answer = probe.status === undefined ? 'does not answer HTTP' : `answers ${probe.status}`;
  return fail(
    'connect',
    `${where} ${answer}, not 401: it is not a phonectl server, or something stands between.`,
    'Look what listens there.',
  );
}

function checkOffset({ clockOffset }: ServerProbe): Check[] {
  if (clockOffset === undefined || Math.abs(clockOffset) < 30_000) return [];
  const seconds = Math.round(clockOffset / 1000);
  return [
    fail('clock.server', `The server's clock differs by ${seconds} s from this machine's.`, 'Let NTP keep both.'),
  ];
}

/** Names, validity, who must trust it. */
export async function checkCertificates(context: OperationContext): Promise<readonly Check[]> {
  let identities: ServerIdentities;
  try {
    identities = readIdentities(context.home, context.secrets);
  } catch (error) {
    if (!isPhonectlError(error)) throw error;
    return [fail('certificate', error.message, error.hints[0] ?? 'phonectl cert renew')];
  }
  const setting = (await context.read.settings.get<string>(PROVISIONING_URL)) ?? '';
  const host = URL.canParse(setting) ? new URL(setting).hostname.replace(/^\[|\]$/g, '') : undefined;
  const now = context.clock.now();
  return [
    ...identities.identities.flatMap(({ kind, certificate }) => [
      ...(host === undefined ? [] : [checkNames(kind, certificate, host)]),
      checkValidity(kind, certificate, now),
      checkNotBefore(kind, certificate, now),
    ]),
    checkTrust(identities),
  ];
}

function checkNames(kind: string, certificate: X509Certificate, host: string): Check {
  const { isIP } = process.getBuiltinModule('node:net');
  const fits = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  const id = `certificate.${kind}.name`;
  return fits === undefined
    ? fail(id, `The ${kind.toUpperCase()} certificate does not name ${host}.`, `phonectl cert renew --name ${host}`)
    : ok(id, `The ${kind.toUpperCase()} certificate names ${host}.`);
}

function checkValidity(kind: string, certificate: X509Certificate, now: number): Check {
  const days = Math.floor((certificate.validToDate.getTime() - now) / DAY);
  const id = `certificate.${kind}.validity`;
  const until = certificate.validToDate.toISOString().slice(0, 10);
  if (days < 0)
    return fail(
      id,
      `The ${kind.toUpperCase()} certificate expired on ${until}.`,
      'phonectl cert renew, or cert import.',
    );
  if (days < 30) {
    return warn(
      id,
      `The ${kind.toUpperCase()} certificate expires on ${until}, in ${days} days.`,
      'phonectl cert renew, or cert import.',
    );
  }
  return ok(id, `The ${kind.toUpperCase()} certificate is valid until ${until}.`);
}

/** Phones boot with a clock in the past (security.md P-11). */
function checkNotBefore(kind: string, certificate: X509Certificate, now: number): Check {
  const days = Math.floor((now - certificate.validFromDate.getTime()) / DAY);
  const from = certificate.validFromDate.toISOString().slice(0, 10);
  const id = `certificate.${kind}.not-before`;
  if (days < 0)
    return fail(id, `The ${kind.toUpperCase()} certificate is valid from ${from} on only.`, 'Wait, or set the clock.');
  if (days < 365) {
    return warn(
      id,
      `The ${kind.toUpperCase()} certificate is valid since ${from}: a phone whose clock is older refuses it.`,
      'Give phones a time server: phonectl deploy dhcp --ntp ADDRESS.',
    );
  }
  return ok(
    id,
    `The ${kind.toUpperCase()} certificate is valid for phones whose clock is in the past (since ${from}).`,
  );
}

function checkTrust({ source }: ServerIdentities): Check {
  if (source === 'imported') return ok('certificate.trust', 'The certificate comes from an authority of your choice.');
  return warn(
    'certificate.trust',
    "The certificate is signed by this home's own authority, which factory phones do not know.",
    'Import one of a public authority (phonectl cert import), or serve --bootstrap-http ADDRESS --from CIDR.',
  );
}
