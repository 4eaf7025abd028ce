/** Log settings of Poly phones (poly.md F): levels count the other way round, from 0 for everything to 6 for what is fatal. */
import {
  type DiagnosisChange,
  effectiveLevel,
  type LogSettings,
  type LogTransport,
  type Severity,
} from '../../domain/diagnosis.ts';
import type { Effective, Parameter } from '../../domain/effective.ts';
import { numberOf, Settings, textOf, withLogin, withoutLogin } from '../diagnosis.ts';

/** By severity: the level from which on the phone must log, so that nothing of that severity is left out (F.1). */
const LEVELS: Readonly<Record<Severity, number>> = {
  emergency: 6,
  alert: 5,
  critical: 5,
  error: 4,
  warning: 4,
  notice: 4,
  informational: 2,
  debug: 0,
};

/** What comes out at a level, as severities (F.1). */
const SAID: readonly Severity[] = [
  'debug',
  'debug',
  'informational',
  'informational',
  'error',
  'critical',
  'emergency',
];

/** `device.syslog.transport`; 0 is none. */
const TRANSPORTS: readonly LogTransport[] = ['udp', 'tcp', 'tls'];

/** `log.level.change.<module>` (F.2). */
const MODULES = (
  'acom app1 ares barcd bdiag bluet brow cap cdp cert cfg clink clist cmp cmr copy curl daa dbs dbuf dhcpc dis dns dock ' +
  'dot1x drvbt ec efk ethf h323 hset ht httpa httpd hw ib key ldap lic lldp log mb mobil net niche oaip ocsp osd pcap pcd ' +
  'pdc peer pgui pmt pnetm poll pps pres pstn ptt push pwrsv rdisk res rtls rtos sec sig sip slog so soem sopi srtp sshc ' +
  'ssps style sys ta task tls trace ttrs usb usbio utilm wdog wifi wlan wmgr xmpp'
).split(' ');

const MODULE = 'log.level.change.';
/** Of a module that nobody gave a level, and of the log (F.2). */
const MODULE_LEVEL = 4;
const LOG_LEVEL = 1;
/** Kilobytes of the phone's own log (F.2). */
const LARGEST_LOG = 180;
const DAY_IN_MINUTES = 1440;

/** What lies in the phone's flash (C.5): no file takes it away, only another value does. */
export const KEPT: Readonly<Record<string, string>> = {
  'device.syslog.serverName': '',
  'device.syslog.transport': '0',
  'device.syslog.renderLevel': '4',
  'device.syslog.facility': '16',
  'device.syslog.prependMac': '0',
};

export function diagnosis(
  change: DiagnosisChange,
): { readonly parameters: readonly Parameter[] } | { readonly reason: string } {
  const settings = new Settings();
  const { level, modules = {}, local, syslog, backup } = change;
  if (level !== undefined) {
    settings.set('log.render.level', LEVELS[level]);
    // What a module holds back never comes to the log, whatever that takes.
    for (const module of MODULES) settings.set(`${MODULE}${module}`, LEVELS[level]);
  }
  for (const [name, own] of Object.entries(modules)) {
    const names = name === 'all' ? MODULES : MODULES.filter((module) => module === name.toLowerCase());
    settings.cannot(names.length === 0, `it has no module ${name}; it knows ${MODULES.join(', ')}`);
    for (const module of names) settings.set(`${MODULE}${module}`, LEVELS[own]);
  }
  if (local !== undefined) {
    settings.cannot(local.usbExport !== undefined, 'it does not copy its log to a USB drive');
    settings.cannot((local.size ?? 0) > LARGEST_LOG, `its own log has ${LARGEST_LOG} kB at the most`);
    settings.set('log.render.file', local.on);
    settings.set('log.render.level', local.level && LEVELS[local.level]);
    settings.set('log.render.file.size', local.size);
  }
  if (syslog !== undefined) {
    settings.cannot(syslog.port !== undefined && syslog.port !== 514, 'it sends syslog to port 514 only');
    settings.set('device.syslog.serverName', syslog.server ?? '');
    const transport = syslog.server === undefined ? 0 : TRANSPORTS.indexOf(syslog.transport ?? 'udp') + 1;
    settings.set('device.syslog.transport', transport);
    settings.set('device.syslog.renderLevel', syslog.level && LEVELS[syslog.level]);
    settings.set('device.syslog.facility', syslog.facility);
    settings.set('device.syslog.prependMac', syslog.prependMac);
  }
  if (backup !== undefined) {
    settings.cannot(backup.method === 'post', 'it uploads its log with PUT only');
    const period = (backup.every ?? DAY_IN_MINUTES) * 60;
    settings.set('log.render.file.upload.period', backup.on ? period : 0);
    if (backup.on) {
      // Nothing is our own server: the folder that it provisions from.
      const url = backup.url === undefined ? '' : withLogin(backup.url, backup.username, backup.password);
      settings.set('LOG_FILE_DIRECTORY', url, backup.password !== undefined);
    }
    settings.set('log.render.file.upload.append', backup.mode && backup.mode === 'append');
  }
  settings.cannot(change.recordings !== undefined, 'it records to a USB drive, and sends its recordings nowhere');
  return settings.result;
}

export function logSettings(effective: Effective): LogSettings {
  const severity = (name: string): Severity | null => {
    const level = numberOf(effective, name);
    return level === null ? null : (SAID[level] ?? null);
  };
  const transport = numberOf(effective, 'device.syslog.transport') ?? 1;
  const server = transport === 0 ? undefined : textOf(effective, 'device.syslog.serverName');
  const period = numberOf(effective, 'log.render.file.upload.period');
  const log = severity('log.render.level') ?? SAID[LOG_LEVEL] ?? 'debug';
  const own = new Map(
    MODULES.map((module) => [module, severity(`${MODULE}${module}`) ?? SAID[MODULE_LEVEL] ?? 'error']),
  );
  const common = mostFrequent([...own.values()]);
  return {
    level: effectiveLevel(common, log),
    local: {
      on: textOf(effective, 'log.render.file') !== '0',
      level: log,
      size: numberOf(effective, 'log.render.file.size'),
    },
    syslog:
      server === undefined
        ? null
        : {
            server,
            port: null,
            transport: TRANSPORTS[transport - 1] ?? 'udp',
            level: severity('device.syslog.renderLevel'),
            facility: numberOf(effective, 'device.syslog.facility'),
            prependMac: textOf(effective, 'device.syslog.prependMac') === '1',
          },
    backup:
      period === 0
        ? null
        : {
            url: withoutLogin(textOf(effective, 'LOG_FILE_DIRECTORY') ?? ''),
            every: period === null ? null : Math.round(period / 60),
          },
    modules: Object.fromEntries([...own].filter(([, level]) => level !== common)),
    recordings: null,
  };
}

function mostFrequent(levels: readonly Severity[]): Severity {
  const counts = new Map<Severity, number>();
  for (const level of levels) counts.set(level, (counts.get(level) ?? 0) + 1);
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best), ['error', 0] as const)[0];
}
