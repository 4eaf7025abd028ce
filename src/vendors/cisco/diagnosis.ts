/** Log settings of Cisco phones (cisco.md 4.1, 11): one level, and syslog over UDP. */
import { type DiagnosisChange, type LogSettings, SEVERITIES, type Severity } from '../../domain/diagnosis.ts';
import type { Effective, Parameter } from '../../domain/effective.ts';
import { Settings, textOf } from '../diagnosis.ts';

/** `Debug_Level`, by severity. */
const LEVELS: readonly string[] = ['EMERGENCY', 'ALERT', 'CRITICAL', 'ERROR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG'];
/** What `Syslog_Identifier` puts in front of each message. */
const MAC = '$MA';

/** A profile that does not name a parameter leaves it as it is (cisco.md 4). */
export const KEPT: Readonly<Record<string, string>> = {
  Debug_Level: 'NOTICE',
  Syslog_Server: '',
  Syslog_Identifier: 'None',
};

export function diagnosis(
  change: DiagnosisChange,
): { readonly parameters: readonly Parameter[] } | { readonly reason: string } {
  const settings = new Settings();
  const { level, modules, local, syslog, backup, recordings } = change;
  settings.set('Debug_Level', level && levelOf(level));
  settings.cannot(modules !== undefined, 'it has one level for all of its modules');
  settings.cannot(local !== undefined, 'its own log has no settings but the level of all: phonectl diag logs level');
  if (syslog !== undefined) {
    const { server, port, transport, facility, prependMac } = syslog;
    settings.cannot(transport !== undefined && transport !== 'udp', 'it sends syslog over UDP only');
    settings.cannot(facility !== undefined, 'the facility of its syslog cannot be set');
    const host = server?.includes(':') === true ? `[${server}]` : server;
    settings.set('Syslog_Server', host === undefined ? '' : `${host}${port === undefined ? '' : `:${port}`}`);
    settings.set('Debug_Level', syslog.level && levelOf(syslog.level));
    if (prependMac !== undefined) settings.set('Syslog_Identifier', prependMac ? MAC : 'None');
  }
  settings.cannot(backup !== undefined, 'it uploads no logs by itself; they are fetched: phonectl diag logs get');
  settings.cannot(recordings !== undefined, 'it records nothing by itself');
  return settings.result;
}

function levelOf(severity: Severity): string {
  return LEVELS[SEVERITIES.indexOf(severity)] ?? 'NOTICE';
}

export function logSettings(effective: Effective): LogSettings {
  const word = textOf(effective, 'Debug_Level')?.toUpperCase() ?? 'NOTICE';
  const level = SEVERITIES[LEVELS.indexOf(word)] ?? null;
  const parts = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(textOf(effective, 'Syslog_Server') ?? '');
  return {
    level,
    local: null,
    syslog:
      parts === null
        ? null
        : {
            server: (parts[1] ?? '').replace(/^\[|\]$/g, ''),
            port: parts[2] === undefined ? null : Number(parts[2]),
            transport: 'udp',
            level,
            facility: null,
            prependMac: textOf(effective, 'Syslog_Identifier') === MAC,
          },
    backup: null,
    modules: {},
    recordings: null,
  };
}
