/** The fleet-wide settings that the base layer is made of. */
import type { BaseContext } from '../../vendors/driver.ts';
import { authorityCertificate } from '../certificates/authority.ts';
import { readIdentities } from '../certificates/identity.ts';
import { PhonectlError } from '../errors.ts';
import type { Home } from '../ports/home.ts';
import type { SecretBox } from '../ports/secrets.ts';
import type { SyslogTarget } from '../settings/syslog.ts';

export const PROVISIONING_URL = 'provisioning.url';
/** `SyslogTarget`; null: nowhere; absent: nobody has said. */
export const SYSLOG = 'provisioning.syslog';
export const CONTROL_ADDRESSES = 'provisioning.controlAddresses';

/** The same for every phone. */
export interface FleetBase extends Pick<BaseContext, 'serverUrl' | 'pollWindow' | 'controlAddresses'> {
  readonly caCertificate: string | undefined;
  readonly timeServer: string | undefined;
  readonly syslog: SyslogTarget | undefined;
  /** Equal for equal content: part of the render cache's key. */
  readonly revision: string;
}

/** Reads one setting; both `SettingsRepository.get` and the serving reader fit. */
export type ReadSetting = (name: string) => Promise<unknown>;

/** Reads the settings. Throws `conflict` when the home has no provisioning URL, `invalid_data` for a bad value. */
export async function readFleetBase(read: ReadSetting, home: Home, secrets: SecretBox): Promise<FleetBase> {
  const [url, names, control, poll, timeServer, syslog] = await Promise.all(
    [
      PROVISIONING_URL,
      'provisioning.names',
      CONTROL_ADDRESSES,
      'provisioning.poll',
      'provisioning.timeServer',
      SYSLOG,
    ].map((name) => read(name)),
  );
  if (typeof url !== 'string') {
    throw new PhonectlError('conflict', 'This home has no provisioning URL.', {
      hints: ['Set it with `phonectl settings provisioning edit --url https://…/`.'],
    });
  }
  const content = {
    serverUrl: url.endsWith('/') ? url : `${url}/`,
    pollWindow: readWindow(poll),
    controlAddresses: addressesOf(control, names),
    caCertificate: caForPhones(home, secrets),
    timeServer: typeof timeServer === 'string' ? timeServer : undefined,
    syslog: typeof syslog === 'object' && syslog !== null ? (syslog as SyslogTarget) : undefined,
  };
  const revision = process.getBuiltinModule('node:crypto').createHash('sha256').update(JSON.stringify(content));
  return { ...content, revision: revision.digest('base64url').slice(0, 16) };
}

/** The part of it that commands to phones need; `serverUrl` is missing in a home without a provisioning URL. */
export async function readControlBase(
  read: ReadSetting,
): Promise<{ readonly serverUrl?: string; readonly controlAddresses: readonly string[] }> {
  const names = [PROVISIONING_URL, 'provisioning.names', CONTROL_ADDRESSES];
  const [url, hosts, control] = await Promise.all(names.map((name) => read(name)));
  return {
    controlAddresses: addressesOf(control, hosts),
    ...(typeof url === 'string' && { serverUrl: url.endsWith('/') ? url : `${url}/` }),
  };
}

/** Where commands to phones come from: as set, else the server's own names that are addresses. */
function addressesOf(control: unknown, names: unknown): readonly string[] {
  return isTextList(control) ? control : isTextList(names) ? names.filter(isAddress) : [];
}

/** Our CA, unless the certificate in use comes from an authority that phones know anyway. */
function caForPhones(home: Home, secrets: SecretBox): string | undefined {
  // A home without any certificate (an export for somebody else's web server) still renders.
  if (authorityCertificate(home) === undefined) return undefined;
  return readIdentities(home, secrets).caCertificate;
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isAddress(name: string): boolean {
  return process.getBuiltinModule('node:net').isIP(name) !== 0;
}

const WINDOW = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;
/** PROV-02. */
const DEFAULT_WINDOW = '03:00-05:00';

function readWindow(poll: unknown): BaseContext['pollWindow'] {
  const text = typeof poll === 'object' && poll !== null && 'window' in poll ? String(poll.window) : DEFAULT_WINDOW;
  const match = WINDOW.exec(text);
  if (match === null) {
    throw new PhonectlError('invalid_data', `The polling window '${text}' is not of the form 03:00-05:00.`);
  }
  const [startHour, startMinute, endHour, endMinute] = match.slice(1).map(Number) as [number, number, number, number];
  return { start: startHour * 60 + startMinute, end: endHour * 60 + endMinute };
}
