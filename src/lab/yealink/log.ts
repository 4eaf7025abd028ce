/** How Yealink phones log, and upload what they logged (yealink.md B9; lines as recorded of a T54W). */
import { folderOf } from '../files.ts';
import { credentialOf, type HttpSession } from '../http-client.ts';
import type { LogHabits } from '../log-book.ts';
import type { LogEntry, LogPart } from '../log-events.ts';
import { syslogTime } from '../log-time.ts';
import type { YealinkPhone } from './phone.ts';

/** Process and module by which a line begins. */
const WRITERS: Readonly<Record<LogPart, readonly [process: string, module: string]>> = {
  boot: ['cfg [639.639]', 'ANY '],
  system: ['sys [830.904]', 'SYS '],
  files: ['autp[1102.1102]', 'ATP '],
  sip: ['sua [983.983]', 'SUA '],
  web: ['WEB [1630.1630]', 'WEB '],
};

const NAMES = ['emerg', 'alert', 'crit', 'error', 'warnin', 'notice', 'info', 'debug'] as const;
const LEVEL = 3;
const FACILITY = 16;
const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;

export const BACKUP = 'static.auto_provision.local_log.backup.';
/** Seconds; the guide's default and least value [recalled]. */
const UPLOAD_PERIOD = 30;
/** Seconds after which what was logged while starting is uploaded [recalled]. */
export const BOOT_LOG_WAIT = 120;

export function yealinkLog(phone: YealinkPhone): LogHabits {
  const number = (name: string, otherwise: number): number => {
    const value = phone.setting(name);
    return value === '' ? otherwise : Number(value);
  };
  const isOn = (): boolean => phone.isOn('static.syslog.enable') || phone.isOn('static.syslog.mode');
  return {
    keeps: ({ always, severity }) =>
      phone.setting('static.local_log.enable') !== '0' &&
      (always || severity <= number('static.local_log.level', LEVEL)),
    line: (entry) => `${syslogTime(entry.at)} ${yealinkLine(entry)}`,
    syslog() {
      const server = phone.setting('static.syslog.server');
      if (server === '' || !isOn()) return undefined;
      const transport = TRANSPORTS[number('static.syslog.transport_type', 0)] ?? 'udp';
      return { server, port: number('static.syslog.server_port', 514), transport, ca: phone.authorities };
    },
    message(entry) {
      const level = phone.isBeforeV81
        ? phone.parameters.text('syslog.log_level')
        : phone.setting('static.syslog.level');
      if (!entry.always && entry.severity > (level === '' ? LEVEL : Number(level))) return undefined;
      const priority = number('static.syslog.facility', FACILITY) * 8 + severityOf(entry);
      // Where exactly it stands is not known (neutral.md 4).
      const mac = phone.isOn('static.syslog.prepend_mac_address.enable') ? `${phone.mac} ` : '';
      return `<${priority}>${syslogTime(entry.at)} ${mac}${yealinkLine(entry)}`;
    },
  };
}

/** What is always written is written as an emergency, as on real phones. */
function severityOf({ always, severity }: LogEntry): number {
  return always ? 0 : severity;
}

/** `sua [983.983]: SUA <6+info  > 261.651.403:text`. */
function yealinkLine(entry: LogEntry): string {
  const [process, module] = WRITERS[entry.part];
  const severity = severityOf(entry);
  const seconds = String(Math.floor(entry.uptime / 1000)).padStart(3, '0');
  const milliseconds = String(Math.floor(entry.uptime) % 1000).padStart(3, '0');
  return `${process}: ${module}<${severity}+${NAMES[severity]?.padEnd(6)}> ${seconds}.${milliseconds}.000:${entry.text}`;
}

/** Seconds between two uploads of the log; undefined where it is not uploaded. Older firmware has no such thing. */
export function uploadPeriod(phone: YealinkPhone): number | undefined {
  if (phone.isBeforeV81 || !phone.isOn(`${BACKUP}enable`)) return undefined;
  return Math.max(UPLOAD_PERIOD, Number(phone.setting(`${BACKUP}upload_period`)) || UPLOAD_PERIOD);
}

/**
 * Uploads one of the two logs: whole, or behind what is there already. How a phone appends is not documented; here it
 * asks for the size and sends a range, as Poly phones do [inferred].
 */
export async function uploadLog(phone: YealinkPhone, session: HttpSession, kind: 'boot' | 'sys'): Promise<void> {
  const { url, credential: stored } = phone.target();
  const path = phone.setting(`${BACKUP}path`);
  const place = new URL(`${phone.mac}-${kind}.log`, path === '' ? folderOf(url) : path.replace(/\/?$/, '/'));
  const credential = credentialOf(place) ?? stored;
  const method = phone.setting('static.auto_provision.custom.upload_method') === '1' ? 'POST' : 'PUT';
  if (kind === 'boot' || !phone.isOn(`${BACKUP}append`)) {
    const body = kind === 'boot' ? phone.log.text(sinceStart(phone)) : phone.log.text();
    await session.request(method, place, { credential, body });
    return;
  }
  const body = phone.log.takeFresh();
  const head = await session.request('HEAD', place, { credential });
  const size = head.status === 200 ? Number(head.headers['content-length'] ?? 0) : 0;
  const end = size + Buffer.byteLength(body);
  if (end === size) return;
  const headers: Record<string, string> = size > 0 ? { 'Content-Range': `bytes ${size}-${end - 1}/${end}` } : {};
  await session.request(method, place, { credential, body, headers });
}

/** What was written since this start. */
function sinceStart({ uptime }: YealinkPhone): (entry: LogEntry) => boolean {
  const start = Date.now() - uptime;
  return ({ at }) => at >= start;
}
