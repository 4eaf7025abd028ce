/** Log settings of Yealink phones, and uploads of recordings (yealink.md B9). Levels are syslog's, up to 6. */
import {
  type DiagnosisChange,
  LOG_TRANSPORTS,
  type LogSettings,
  SEVERITIES,
  type Severity,
} from '../../domain/diagnosis.ts';
import type { Effective, Parameter } from '../../domain/effective.ts';
import { numberOf, Settings, severityNumber, textOf, withLogin, withoutLogin } from '../diagnosis.ts';
import type { DiagnosisPlaces, RenderDevice } from '../driver.ts';
import type { Knowledge } from '../knowledge.ts';
import { cannot, modelOf } from '../support.ts';
import { generationOf, staticName } from './generation.ts';

const MOST = 6;
const DAY_IN_MINUTES = 1440;
const BACKUP = 'static.auto_provision.local_log.backup.';

export function diagnosis(
  knowledge: Knowledge,
  device: RenderDevice,
  change: DiagnosisChange,
  places: DiagnosisPlaces,
): { readonly parameters: readonly Parameter[] } | { readonly reason: string } {
  const settings = new Settings();
  const { level, modules, local, syslog, backup, recordings } = change;
  const isOld = generationOf(knowledge, device) === 'plain';
  if (level !== undefined) {
    if (!isOld) settings.set('static.local_log.level', levelOf(level));
    settings.set(syslogName(isOld, 'level'), levelOf(level));
  }
  settings.cannot(modules !== undefined, 'no parameter of it is known that sets the level of one module');
  if (local !== undefined) {
    settings.cannot(isOld, 'settings of its own log came with firmware V81');
    settings.cannot(local.usbExport !== undefined, 'no parameter of it is known that copies its log to a USB drive');
    settings.set('static.local_log.enable', local.on);
    settings.set('static.local_log.level', local.level && levelOf(local.level));
    settings.set('static.local_log.max_file_size', local.size);
  }
  if (syslog !== undefined) {
    const { server, port, transport, facility, prependMac } = syslog;
    const more = [port, transport, facility, prependMac].some((value) => value !== undefined);
    settings.cannot(isOld && more, 'before firmware V81 syslog has a server and a level only');
    // DECT bases spell the switch in another way.
    const word = isOld || modelOf(knowledge, device)?.kind === 'dect' ? 'mode' : 'enable';
    settings.set(staticName(isOld ? 'plain' : 'boot', `syslog.${word}`), server !== undefined);
    settings.set(syslogName(isOld, 'server'), server ?? '');
    settings.set('static.syslog.server_port', port);
    settings.set('static.syslog.transport_type', transport && LOG_TRANSPORTS.indexOf(transport));
    settings.set(syslogName(isOld, 'level'), syslog.level && levelOf(syslog.level));
    settings.set('static.syslog.facility', facility);
    settings.set('static.syslog.prepend_mac_address.enable', prependMac);
  }
  if (backup !== undefined) {
    settings.cannot(isOld, 'uploads of its log came with firmware V81');
    settings.set(`${BACKUP}enable`, backup.on);
    if (backup.on) {
      const path = withLogin(backup.url ?? places.serverUrl, backup.username, backup.password);
      settings.set(`${BACKUP}path`, path, backup.password !== undefined);
      settings.set(`${BACKUP}upload_period`, (backup.every ?? DAY_IN_MINUTES) * 60);
    }
    settings.set(`${BACKUP}append`, backup.mode && backup.mode === 'append');
    // One switch for all that it uploads (yealink.md A5).
    settings.set('static.auto_provision.custom.upload_method', backup.method && backup.method === 'post');
  }
  if (recordings !== undefined) {
    const reason = cannot(knowledge, device, 'recordings');
    settings.cannot(reason !== undefined, reason ?? '');
    settings.set('features.recording_upload.enable', recordings);
    // It holds the phone's event secret.
    if (recordings) settings.set('features.recording_upload.server.address', `${places.eventUrl}/recording`, true);
  }
  return settings.result;
}

/** Before V81 no boot file says that what is not named is to be forgotten (yealink.md A1). */
export function kept(knowledge: Knowledge, device: RenderDevice): Readonly<Record<string, string>> {
  if (generationOf(knowledge, device) === 'boot') return {};
  return { 'syslog.mode': '0', 'syslog.server': '', 'syslog.log_level': '3' };
}

function syslogName(isOld: boolean, word: 'server' | 'level'): string {
  if (!isOld) return `static.syslog.${word}`;
  return word === 'level' ? 'syslog.log_level' : 'syslog.server';
}

function levelOf(severity: Severity): number {
  return Math.min(severityNumber(severity), MOST);
}

export function logSettings(knowledge: Knowledge, device: RenderDevice, effective: Effective): LogSettings {
  const isOld = generationOf(knowledge, device) === 'plain';
  const severity = (name: string): Severity | null => SEVERITIES[numberOf(effective, name) ?? -1] ?? null;
  const server = textOf(effective, syslogName(isOld, 'server'));
  const isOn = ['enable', 'mode'].some(
    (word) => textOf(effective, staticName(isOld ? 'plain' : 'boot', `syslog.${word}`)) === '1',
  );
  const period = numberOf(effective, `${BACKUP}upload_period`);
  const level = severity('static.local_log.level');
  return {
    level: level ?? severity(syslogName(isOld, 'level')),
    local: isOld
      ? null
      : {
          on: textOf(effective, 'static.local_log.enable') !== '0',
          level,
          size: numberOf(effective, 'static.local_log.max_file_size'),
        },
    syslog:
      server === undefined || !isOn
        ? null
        : {
            server,
            port: numberOf(effective, 'static.syslog.server_port'),
            transport: LOG_TRANSPORTS[numberOf(effective, 'static.syslog.transport_type') ?? 0] ?? 'udp',
            level: severity(syslogName(isOld, 'level')),
            facility: numberOf(effective, 'static.syslog.facility'),
            prependMac: textOf(effective, 'static.syslog.prepend_mac_address.enable') === '1',
          },
    backup:
      textOf(effective, `${BACKUP}enable`) === '1'
        ? {
            url: withoutLogin(textOf(effective, `${BACKUP}path`) ?? ''),
            every: period === null ? null : Math.round(period / 60),
          }
        : null,
    modules: {},
    recordings:
      cannot(knowledge, device, 'recordings') === undefined
        ? textOf(effective, 'features.recording_upload.enable') === '1'
        : null,
  };
}
