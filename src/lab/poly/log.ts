/** How Poly phones log (poly.md F): levels count up from 0 for everything to 6 for what is fatal. */
import type { LogHabits } from '../log-book.ts';
import type { LogEntry, LogPart } from '../log-events.ts';
import { shortTime, syslogTime } from '../log-time.ts';
import { isTrue } from './config.ts';
import type { PolyPhone } from './phone.ts';

const MODULES: Readonly<Record<LogPart, string>> = {
  boot: 'so',
  system: 'app1',
  files: 'cfg',
  sip: 'sip',
  web: 'httpd',
};

/** By severity of syslog, 0 to 7. */
const LEVELS = [6, 5, 5, 4, 4, 4, 2, 0] as const;
/** By level, 0 to 6 (F.1). */
const SEVERITIES = [7, 7, 6, 6, 3, 2, 0] as const;
const MODULE_LEVEL = 4;
const SYSLOG_LEVEL = 4;
const FACILITY = 16;
const SYSLOG_PORT = 514;
const TRANSPORTS = [undefined, 'udp', 'tcp', 'tls'] as const;

export function polyLog(phone: PolyPhone): LogHabits {
  const { parameters } = phone;

  function number(name: string, otherwise: number): number {
    const value = parameters.text(name);
    return value === '' ? otherwise : Number(value);
  }

  /** What its module lets through at all. */
  function comes({ always, part, severity }: LogEntry): boolean {
    return always || levelOf(severity) >= number(`log.level.change.${MODULES[part]}`, MODULE_LEVEL);
  }

  return {
    keeps(entry) {
      if (parameters.get('log.render.file') === '0' || !comes(entry)) return false;
      return entry.always || levelOf(entry.severity) >= number('log.render.level', 1);
    },
    line: (entry) => polyLine(entry, timeOf(entry, parameters.text('log.render.type'))),
    syslog() {
      const server = parameters.text('device.syslog.serverName');
      const transport = TRANSPORTS[number('device.syslog.transport', 1)];
      if (server === '' || transport === undefined) return undefined;
      return { server, port: SYSLOG_PORT, transport, ca: phone.authorities };
    },
    message(entry) {
      const level = levelOf(entry.severity);
      if (!comes(entry) || (!entry.always && level < number('device.syslog.renderLevel', SYSLOG_LEVEL)))
        return undefined;
      const priority = number('device.syslog.facility', FACILITY) * 8 + (SEVERITIES[level] ?? 7);
      const mac = isTrue(parameters.get('device.syslog.prependMac')) ? `${phone.mac} ` : '';
      return `<${priority}>${syslogTime(entry.at)} ${mac}${polyLine(entry, timeOf(entry, ''))}`;
    },
  };
}

function levelOf(severity: number): number {
  return LEVELS[severity] ?? 0;
}

/** `0502091011|sip  |4|00|Registration failed`; what is always written has a star for its level. */
function polyLine({ part, severity, always, text }: LogEntry, time: string): string {
  return `${time}|${MODULES[part].padEnd(5)}|${always ? '*' : levelOf(severity)}|00|${text}`;
}

/** log.render.type: 0 seconds since the start, 1 to the minute, 2 to the second. */
function timeOf({ at, uptime }: LogEntry, type: string): string {
  if (type === '0') return (uptime / 1000).toFixed(3).padStart(10, '0');
  return type === '1' ? new Date(at).toISOString().slice(2, 16).replace(/\D/g, '') : shortTime(at);
}

/** What the Updater writes while the phone starts; its own version, and the times count from the start. */
export function bootLog({ model, details }: PolyPhone): string {
  return `000000.000|so   |*|00|Initial log entry. ${model}, ${details.updater}\n`;
}
